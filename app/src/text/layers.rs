//! Words of layers.

use crate::lang::words;

words! {
    LayerWord {
        Title: "Layers", "レイヤー";
        Lead: "Experiments of one layer share no users. A layer is there as long as an experiment that has not ended names it.", "同じレイヤーの実験は、ユーザーを共有しません。レイヤーは、終了していない実験で使われている間だけ存在します。";
        EmptyTitle: "No layers", "レイヤーはありません";
        EmptyText: "Where two experiments must not meet in one user, name the same layer in both of their forms.", "同じユーザーに重ねて適用したくない実験には、それぞれのフォームで同じレイヤー名を入力してください。";
        Layer: "Layer", "レイヤー";
        Environment: "Environment", "環境";
        Experiments: "Experiments and their parts", "実験と割り当て範囲";
        Free: "Free", "空き";
        Part: "{0}% to {1}%", "{0}%〜{1}%";
        Planned: "{0}% from its start on", "開始時に{0}%を確保";
        FreeText: "{0}%, the largest part {1}%", "{0}%（最大の空き: {1}%）";
        Full: "nothing", "なし";
        New: "“{0}” is a new layer in this environment: no other experiment is in it. Check the spelling if it was to be a known one.", "「{0}」はこの環境では新しいレイヤーで、ほかの実験は含まれていません。既存のレイヤーを使う場合は、綴りを確認してください。";
        All: "All layers", "レイヤーの一覧";
    }
}
