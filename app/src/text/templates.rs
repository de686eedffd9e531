//! Words of templates.

use nexus_domain::template::Builtin;

use crate::lang::words;

words! {
    TemplateWord {
        Title: "Templates", "テンプレート";
        Lead: "What a new experiment or flag can begin from. Everything can be changed in the form.", "新しい実験やフラグのひな形です。内容はすべてフォームで変更できます。";
        Experiments: "Experiments", "実験";
        Flags: "Feature flags", "フラグ";
        Begin: "Begin from a template", "テンプレートから始める";
        All: "All templates", "すべてのテンプレート";
        Own: "Saved by your team", "チームのテンプレート";
        NoneYet: "None yet. An experiment's and a flag's page can be saved as one.", "まだありません。実験やフラグのページから保存できます。";
        Usual: "For the usual questions", "よくある用途";
        Save: "Save as template", "テンプレートとして保存";
        SaveTitle: "Save “{0}” as a template", "「{0}」をテンプレートとして保存";
        SaveLead: "Its settings without id, times, layer, holdouts and prerequisites. It does not change when the original does.", "ID、日時、レイヤー、ホールドアウト、前提条件を除いた設定を保存します。元の設定を変更しても影響を受けません。";
        Name: "Name", "名前";
        NameHelp: "What it is for, as “Price test, Japan”.", "用途が分かる名前を付けてください。例: 日本向け価格テスト";
        When: "When to take it", "使いどころ";
        Delete: "Delete", "削除";
        DeleteTitle: "Delete the template “{0}”?", "テンプレート「{0}」を削除しますか？";
        DeleteExperimentA: "Nobody in the team can begin an experiment from it any more.", "チームの誰も、このテンプレートから実験を始められなくなります。";
        DeleteExperimentB: "Experiments that began from it stay as they are.", "このテンプレートから作成した実験は、そのまま残ります。";
        DeleteFlagA: "Nobody in the team can begin a flag from it any more.", "チームの誰も、このテンプレートからフラグを始められなくなります。";
        DeleteFlagB: "Flags that began from it stay as they are.", "このテンプレートから作成したフラグは、そのまま残ります。";
        DeleteC: "This can't be undone.", "元に戻せません。";
        By: "by {0}", "作成者: {0}";
    }
}

words! {
    /// What a template is called, and what it puts into the name.
    BuiltinName {
        Conversion: "A/B test of a conversion", "コンバージョンのA/Bテスト";
        GuardedRollout: "Guarded rollout", "安全を確認しながらの展開";
        Price: "Price test with revenue", "売上も見る価格テスト";
        Models: "Comparison of models or prompts", "モデル・プロンプトの比較";
        LongTerm: "Check of a launch against a holdout", "ホールドアウトによるリリース後の確認";
        Release: "Release toggle", "リリース用スイッチ";
        KillSwitch: "Kill switch", "キルスイッチ";
        Gradual: "Gradual rollout", "段階的な公開";
        RemoteConfig: "Remote configuration", "リモート設定";
    }
}

words! {
    /// When to take it.
    BuiltinText {
        Conversion: "Half and half, one conversion decides, a second one explains. Stops when the split breaks.", "半数ずつに分け、1つのコンバージョンで判定し、もう1つで理由を確認します。振り分けが崩れると停止します。";
        GuardedRollout: "5%, then 20%, then 50%, by itself. Stops for errors, slow answers and a broken split.", "5%、20%、50%と自動で広げます。エラー、遅い応答、振り分けの異常で停止します。";
        Price: "Purchases decide; revenue per user says whether fewer at a higher price is more. Refunds guard.", "購入率で判定し、ユーザーあたり売上で価格の良し悪しを確認します。返金の増加を監視します。";
        Models: "An accepted answer decides. Cost and time to the answer guard: worse by 10% stops it.", "採用された回答の割合で判定します。コストまたは応答時間が10%悪化すると停止します。";
        LongTerm: "10% keep the old for weeks: purchases and who comes back in the second week.", "10%を以前のままにし、購入と2週目の再訪を数週間にわたって比較します。";
        Release: "Code that is not ready for everybody. Off until you switch it on; due to go afterwards.", "全員に公開する前のコード用です。オンにするまで無効で、公開後に削除します。";
        KillSwitch: "Permanent. On in normal times; one press turns something off for everybody.", "恒久的なスイッチです。通常はオンで、1回の操作で全員に対して止められます。";
        Gradual: "5% of the users; raise it by hand or by a ramp. Nobody falls out again.", "ユーザーの5%から始め、手動または自動で広げます。一度対象になった人は外れません。";
        RemoteConfig: "Settings as JSON. A schema refuses what your code would not understand.", "JSONの設定です。コードが扱えない値はスキーマで拒否します。";
    }
}

words! {
    /// What it puts into the hypothesis or the description.
    BuiltinHypothesis {
        Conversion: "Because we saw …, we believe that … makes more visitors buy. We know it when purchases rise by at least 5%.", "…という観察から、…により購入が増えると考えます。購入率が5%以上上がれば正しいと判断します。";
        GuardedRollout: "The new code does what the old did, at least as fast and without more errors.", "新しいコードは以前と同じ動作を、同等以上の速さで、エラーを増やさずに行います。";
        Price: "At the higher price fewer buy, but revenue per visitor rises; refunds do not.", "価格を上げると購入は減りますが、訪問者あたりの売上は増え、返金は増えません。";
        Models: "The next model's answers are taken more often, at no more than 10% higher cost and time.", "新しいモデルの回答はより多く採用され、コストと応答時間の増加は10%以内です。";
        LongTerm: "What we launched is still worth it after weeks: more purchases, and more people come back.", "公開した変更は数週間後も有効です。購入が増え、再訪する人も増えます。";
        Release: "Hides … until it is ready. Remove it after the launch.", "…を公開できるまで隠します。公開後に削除してください。";
        KillSwitch: "Turns … off for everybody when it hurts. On call: switch it off first, ask later.", "問題が起きたとき、…を全員に対して停止します。まず停止してから調査してください。";
        Gradual: "Takes … to more and more users.", "…を少しずつ多くのユーザーに公開します。";
        RemoteConfig: "Numbers and texts that change without a deployment.", "デプロイせずに変更できる数値とテキストです。";
    }
}

macro_rules! of_builtin {
    ($($name:ident),*) => {$(
        impl $name {
            #[must_use]
            pub const fn of(builtin: Builtin) -> Self {
                match builtin {
                    Builtin::Conversion => Self::Conversion,
                    Builtin::GuardedRollout => Self::GuardedRollout,
                    Builtin::Price => Self::Price,
                    Builtin::Models => Self::Models,
                    Builtin::LongTerm => Self::LongTerm,
                    Builtin::Release => Self::Release,
                    Builtin::KillSwitch => Self::KillSwitch,
                    Builtin::Gradual => Self::Gradual,
                    Builtin::RemoteConfig => Self::RemoteConfig,
                }
            }
        }
    )*};
}

of_builtin!(BuiltinName, BuiltinText, BuiltinHypothesis);
