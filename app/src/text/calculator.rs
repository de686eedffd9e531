//! Words of the planning calculator.

use crate::lang::words;

words! {
    CalculatorWord {
        Title: "Calculator", "計算ツール";
        Lead: "How many users a comparison takes, and what so many can find. Nothing is saved; the address holds everything.", "比較に必要なユーザー数と、そのユーザー数で検出できる差を計算します。何も保存されず、入力内容はすべてURLに含まれます。";
        Inputs: "Assumptions", "前提";
        Kind: "Metric", "指標";
        Proportion: "Conversion rate", "コンバージョン率";
        MeanKind: "Mean per user", "ユーザーあたりの平均";
        VariantsHelp: "The control among them; all of the same size.", "コントロールを含む数です。配分は均等とします。";
        PowerHelp: "How often the effect is found if it is there.", "効果が実際にあるとき、それを検出できる確率です。";
        MeanHelp: "For a mean per user: what the control has.", "平均を比べる場合の、コントロールの値です。";
        StandardDeviationHelp: "For a mean per user: how much users differ.", "平均を比べる場合の、ユーザー間のばらつきです。";
        UsersPerDayHelp: "Who would take part, all variants together. Empty: no days.", "全バリアント合計の参加人数です。空欄の場合、日数は表示されません。";
        VarianceReductionHelp: "What the time before the exposure (CUPED) will take away; 0 without it. The page of a metric that uses it says how much it was.", "初回表示前の期間（CUPED）で減らせる分散の割合です。使わない場合は0です。実際の値は、CUPEDを使う指標のページに表示されます。";
        Calculate: "Calculate", "計算";
        Sizes: "Users needed", "必要なユーザー数";
        SizesHelp: "To find +{0}% with {1}% probability at level {2}, shared among the comparisons with the control.", "+{0}%の差を{1}%の確率で検出する場合（有意水準 {2}、コントロールとの比較で分け合います）。";
        Method: "Method", "判定方法";
        PerVariant: "Per variant", "バリアントあたり";
        Total: "In all", "合計";
        Days: "Days", "日数";
        FixedNote: "one look at the end", "最後に一度だけ判定";
        AlwaysNote: "any number of looks; often over sooner", "何度でも確認でき、早く終わることもあります";
        GroupNote: "A group-sequential plan needs a few percent more users than a fixed horizon.", "群逐次では、固定期間より数パーセント多いユーザーが必要です。";
        Thousand: "What {0} users per variant find", "バリアントあたり{0}人で検出できる差";
        ThousandText: "Looked at once: +{0}. Always valid: +{1}. Smaller lifts are missed more often than asked for.", "一度だけの判定: +{0}、常時有効: +{1}。これより小さいリフトは、指定した確率では検出できません。";
        Nothing: "nothing", "検出不可";
        Curve: "Power curve", "検出力曲線";
        CurveLabel: "Probability of finding the effect by users per variant, for one look at the end and for always-valid intervals", "バリアントあたりのユーザー数に対する、効果を検出できる確率（一度だけの判定と常時有効）";
        Users: "Users per variant", "バリアントあたりのユーザー数";
        Open: "Plan in the calculator", "計算ツールで検討";
    }
}
