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
        VariantsHelp: "The control among them.", "コントロールを含む数です。";
        WeightsHelp: "The control first, as 90, 10. Only their ratios count. Empty: equal.", "コントロールを先頭に、90, 10 のように入力します。比率だけが使われます。空欄の場合は均等です。";
        Direction: "Direction of the change", "変化の方向";
        Increase: "increase", "増加";
        Decrease: "decrease (as of a metric of which less is better)", "減少（低いほど良い指標など）";
        EffectHelp: "Relative: 10 % of a 5 % rate is half a percent point, 10 % of a mean of 20 is 2.", "相対値です。5%に対する10%は0.5ポイント、平均20に対する10%は2を意味します。";
        PowerHelp: "How often the effect is found if it is there.", "効果が実際にあるとき、それを検出できる確率です。";
        MeanHelp: "For a mean per user: what the control has.", "平均を比べる場合の、コントロールの値です。";
        StandardDeviationHelp: "For a mean per user: how much users differ.", "平均を比べる場合の、ユーザー間のばらつきです。";
        UsersPerDayHelp: "Who would take part, all variants together. Empty: no days.", "全バリアント合計の参加人数です。空欄の場合、日数は表示されません。";
        VarianceReductionHelp: "What the time before the exposure (CUPED) will take away; 0 without it. The page of a metric that uses it says how much it was.", "初回表示前の期間（CUPED）で減らせる分散の割合です。使わない場合は0です。実際の値は、CUPEDを使う指標のページに表示されます。";
        Calculate: "Calculate", "計算";
        Wrong: "Correct what is marked above, and the numbers come back.", "上の印の付いた項目を修正すると、結果が表示されます。";
        Sizes: "Users needed", "必要なユーザー数";
        SizesHelp: "To find {0}% with {1}% probability at level {2}, shared among the comparisons with the control.", "{0}%の差を{1}%の確率で検出する場合（有意水準 {2}。トリートメントが複数のときは比較の数で分割）。";
        Method: "Method", "判定方法";
        PerVariant: "Per variant", "バリアントあたり";
        Total: "In all", "合計";
        Days: "Days", "日数";
        FixedNote: "one look at the end", "最後に一度だけ判定";
        MaximumNote: "at most, at the last of {0} looks", "最大（{0}回目の最終判定まで）";
        ExpectedNote: "on average, when the effect is just there", "平均（効果がちょうどその大きさの場合）";
        AlwaysNote: "any number of looks; often over sooner", "何度でも確認でき、早く終わることもあります";
        GroupNote: "A group-sequential plan is made for its maximum. The average is that of an experiment which ends at the first look that decides; without an effect nearly all go on to the last.", "群逐次の計画ユーザー数には最大の人数を使います。平均は、結論が出た判定で終了する場合の人数です。効果がなければ、ほとんどの実験は最後の判定まで続きます。";
        TooFew: "Fewer than {0} users in a variant are too few for these formulas, which take the users' average as normal: plan for {0} at least.", "各バリアントのユーザーが{0}人未満では、平均が正規分布に従うという計算の前提が成り立ちません。{0}人以上で計画してください。";
        EachVariant: "Each variant", "各バリアント";
        ThousandSmallest: "What {0} users in the smallest variant find", "最も少ないバリアントが{0}人のとき検出できる差";
        Thousand: "What {0} users per variant find", "バリアントあたり{0}人で検出できる差";
        ThousandText: "Looked at once: {0}. Group-sequential: {1}. Always valid: {2}. Smaller changes are missed more often than asked for.", "一度だけの判定: {0}、群逐次: {1}、常時有効: {2}。これより小さい差は、指定した確率では検出できません。";
        Nothing: "nothing", "検出不可";
        Curve: "Power curve", "検出力曲線";
        CurveLabel: "Probability of finding the effect by users of all variants together, for one look at the end, for a group-sequential plan that ends there, and for always-valid intervals", "全バリアント合計のユーザー数に対する、効果を検出できる確率（一度だけの判定、その人数で終わる群逐次、常時有効）";
        Users: "Users in all", "合計ユーザー数";
        Open: "Plan in the calculator", "計算ツールで検討";
    }
}
