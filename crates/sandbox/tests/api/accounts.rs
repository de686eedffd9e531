//! Tokens, users, accounts.

use nexus_sandbox::DEMO_ACCOUNT_ID;
use reqwest::Method;

use crate::harness::{ACCOUNT_TOKEN, Account, ok, refusal};

#[tokio::test]
async fn a_user_token_is_verified_and_reads_the_user() {
    let account = Account::start().await;
    let body = ok(account
        .api(Method::GET, "/user/tokens/verify")
        .send()
        .await
        .unwrap())
    .await;
    assert_eq!(body["result"]["status"], "active");
    assert_eq!(body["messages"][0]["code"], 10000);
    let user = ok(account.api(Method::GET, "/user").send().await.unwrap()).await;
    assert_eq!(user["result"]["email"], "owner@example.com");
    let (status, code, _) = refusal(account.account(Method::GET, "/tokens/verify")).await;
    assert_eq!((status, code), (401, 1000));
}

#[tokio::test]
async fn an_account_token_is_told_apart_as_wrangler_does() {
    let account = Account::start().await;
    let as_machine = |path: &str| {
        let url = format!("{}/client/v4{path}", account.base);
        account.client.get(url).bearer_auth(ACCOUNT_TOKEN)
    };
    assert_eq!(refusal(as_machine("/user/tokens/verify")).await.1, 1000);
    assert_eq!(refusal(as_machine("/user")).await.1, 9109);
    assert_eq!(refusal(as_machine("/memberships")).await.1, 9106);
    let verify = format!("/accounts/{DEMO_ACCOUNT_ID}/tokens/verify");
    let body = ok(as_machine(&verify).send().await.unwrap()).await;
    assert_eq!(body["result"]["status"], "active");
    let accounts = ok(as_machine("/accounts").send().await.unwrap()).await;
    assert_eq!(accounts["result"][0]["id"], DEMO_ACCOUNT_ID);
}

#[tokio::test]
async fn accounts_and_memberships_have_pages() {
    let account = Account::start().await;
    for path in ["/accounts", "/memberships"] {
        let body = ok(account.api(Method::GET, path).send().await.unwrap()).await;
        assert_eq!(body["result"].as_array().unwrap().len(), 1);
        assert_eq!(body["result_info"]["total_count"], 1);
        let second = account.api(Method::GET, &format!("{path}?page=2"));
        let body = ok(second.send().await.unwrap()).await;
        assert_eq!(body["result"].as_array().unwrap().len(), 0);
    }
    let one = account.get("").await;
    assert_eq!(one["result"]["name"], "Sandbox");
}

#[tokio::test]
async fn without_a_good_token_nothing_is_answered() {
    let account = Account::start().await;
    let url = |path: &str| format!("{}/client/v4{path}", account.base);
    let kv = format!("/accounts/{DEMO_ACCOUNT_ID}/storage/kv/namespaces");
    let d1 = format!("/accounts/{DEMO_ACCOUNT_ID}/d1/database");
    let get = |path: &str| account.client.get(url(path));

    assert_eq!(refusal(get(&kv)).await.0, 400);
    assert_eq!(refusal(get(&kv)).await.1, 9106);
    let basic = get(&kv).basic_auth("a", Some("b"));
    assert_eq!(refusal(basic).await.1, 6003);
    assert_eq!(refusal(get(&kv).bearer_auth("wrong")).await.1, 10000);
    assert_eq!(refusal(get(&kv).bearer_auth("wrong")).await.0, 403);
    assert_eq!(refusal(get(&d1).bearer_auth("wrong")).await.0, 401);
    assert_eq!(
        refusal(get("/user/tokens/verify").bearer_auth("wrong"))
            .await
            .1,
        1000
    );
    assert_eq!(refusal(get("/nowhere").bearer_auth("wrong")).await.1, 10000);
}

#[tokio::test]
async fn other_accounts_and_unknown_paths_are_refused() {
    let account = Account::start().await;
    let other = "f".repeat(32);
    let path = format!("/accounts/{other}/storage/kv/namespaces");
    assert_eq!(refusal(account.api(Method::GET, &path)).await.1, 10000);
    let (status, code, message) = refusal(account.api(Method::GET, "/accounts/nope")).await;
    assert_eq!((status, code), (404, 7003));
    assert!(message.contains("/client/v4/accounts/nope"));
    assert_eq!(refusal(account.account(Method::GET, "/nope")).await.1, 7000);
    let (status, code, message) = refusal(account.account(Method::PATCH, "/d1/database")).await;
    assert_eq!((status, code), (405, 7001));
    assert!(message.starts_with("PATCH"));
}
