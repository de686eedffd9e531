//! The adapter suite on SQLite.

mod common;

use nexus_control::testing::database_suite;

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_does_what_the_port_says() {
    let (_dir, db) = common::sqlite().await;
    database_suite(db).await.unwrap();
}
