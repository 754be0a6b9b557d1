using System.Text.RegularExpressions;

namespace Unroll.Tasks;

/// <summary>The facts of a model in Korean. Tasks state them in English, for the terminal; what they say has few forms, which stand here.</summary>
internal static class KoreanFacts
{
    // The longer before the shorter that is a part of it. Names of the data stand between, and stay as they are.
    static readonly (string English, string Korean)[] Phrases =
    [
        (@"^generates ([\d,]*\d) tokens/s, one stream; reads ([\d,]*\d) tokens/s in batches$", "생성 초당 토큰 $1개(스트림 하나), 읽기 초당 토큰 $2개(배치)"),
        ("^([\\d,.]+ \\w+) a stream$", "스트림마다 $1"), ("(?<=\\d) bytes$", "바이트"),
        (@"([\d,]*\d) (\w+) tokens in, ([\d,]*\d) (\w+) tokens out$", "입력 $2 토큰(token) $1개, 출력 $4 토큰(token) $3개"),
        (@"(\w+), ([\d,]*\d) symbols with begin and end, normalization (\w+)", "$1, 시작과 끝을 포함한 기호 $2개, 정규화(normalization) $3"), (", lowercased$", ", 소문자로 바꿈"),
        (@"([\d,]*\d) symbols", "기호 $1개"), ("^texts: ", "텍스트: "), (@"^series: ([\d,]*\d) features a step$", "시계열(series): 시점마다 특징 $1개"),
        (@"^([\d,]*\d) of ([\d,]*\d) predicted; the states are those of the first$", "$2개 가운데 $1개를 예측, 상태는 첫 번째 것"), (@"^([\d,]*\d) of ([\d,]*\d) tagged; the states are those of the first$", "$2개 가운데 $1개를 태깅, 상태는 첫 번째 것"),
        (@"^([\d,]*\d) steps from ([\d,]*\d); linear(?: by (\S+))? and (.*) to read and to write; (.*); scaling (.*?)( by window)?$", "$2 시점에서 $1 시점 예측; 선형(linear) 모델 $3과 읽고 쓰는 $4; $5; 스케일링(scaling) $6"),
        ("^forecasts (.*); known ahead: (.*); known up to the present: (.*); season (\\d+)(?: and (\\d+))?$", "예측 대상 $1; 미리 아는 열: $2; 현재까지 아는 열: $3; 계절 주기 $4 $5"), ("(?<=: )nothing(?=;)", "없음"), ("^not known$", "모름"),
        (@"^([\d,]*\d) tasks, (\w+) architecture, ([\w-]+) of ([\d,]*\d)", "작업(task) $1개, $2 구조, $3 유닛(unit) $4개"),
        (@"^([\d,]*\d) networks of ", "네트워크 $1개, 각각 "),
        (@"linear model over n-grams of 1 to (\d+) tokens", "토큰 1–$1개의 n-그램(n-gram) 선형 모델"), (@", of 1 to (\d+) by position", ", 위치별로는 1–$1개"), (@" \(share ([\d.]+)\)", " (비중 $1)"),
        (@"([\d,]*\d) × ([\w-]+) of ([\d,]*\d)", "$2 $1층, 유닛(unit) $3개"), (@"mlp of ([\d,]*\d)", "다층 퍼셉트론(mlp), 유닛(unit) $1개"),
        (@"^encoder ", "인코더(encoder) "), (@"\bdecoder ", "디코더(decoder) "), (@" over ([\d,]*\d) × ([\d,]*\d) numbers;", ", 입력 $1 × $2;"),
        (@"^images of ([\d,]*\d) rows, ([\d,]*\d) numbers each", "행마다 수 $2개, $1행인 그림"), (@", as histograms of oriented gradients of squares of ([\d,]*\d) pixels$", ", $1픽셀 칸마다의 방향 기울기 히스토그램(HOG)"),
        ("^none: only the last state is seen$", "없음: 마지막 상태만 봄"), (" with no attention", ", 어텐션(attention) 없음"), (@" with scaled ([\w-]+) attention", ", 스케일된 $1 어텐션(attention)"), (@" with ([\w-]+) attention", ", $1 어텐션(attention)"),
        (",? (?:with )?coverage", ", 커버리지(coverage)"), (", input feeding", ", 입력 피딩(input feeding)"), (", scaled", ", 스케일됨(scaled)"), (@", ([\d,]*\d) steps to either side", ", 양쪽으로 $1 시점"),
        ("one embedding for both sides; ", "임베딩(embedding) 하나를 양쪽이 공유; "), ("output tied to the target embedding; ", "출력층이 목표 임베딩(embedding)과 가중치 공유; "),
        (@"\bembedding one-hot", "원-핫(one-hot) 입력"), (@"\bembedding (\d)", "임베딩(embedding) $1"), (", tied", ", 가중치 공유(tied)"), (", variational", ", 변분(variational)"), (", bidirectional", ", 양방향(bidirectional)"), (", multi-label", ", 다중 라벨(multi-label)"),
        (", last(?=[,;])", ", 마지막 상태(last)"), (", mean(?=[,;])", ", 평균(mean)"), (", max(?=[,;])", ", 최댓값(max)"), (", attention(?=[,;])", ", 어텐션(attention)"), (", crf(?=,)", ", 조건부 무작위장(crf)"), (", softmax(?=,)", ", 소프트맥스(softmax)"),
        (@"recurrent dropout ([\d.])", "순환 드롭아웃(recurrent) $1"), (@"\bdropout ([\d.])", "드롭아웃(dropout) $1"),
        (@"([\d,]*\d) features", "특징(feature) $1개"), (@"([\d,]*\d) classes", "클래스(class) $1개"), (@"([\d,]*\d) letters", "글자 $1개"), (@"([\d,]*\d) words", "단어 $1개"),
        (@"([\d,]*\d) (\w+) tokens", "$2 토큰(token) $1개"), (@"([\d,]*\d) tags", "태그(tag) $1개"), (@"([\d,]*\d) (\w+) tags", "$2 태그(tag) $1개"),
    ];

    /// <summary>The name of a fact.</summary>
    public static string NameOf(string name) => name switch
    {
        "model" => "모델",
        "tokens" => "토큰(token)",
        "state" => "상태의 크기",
        "speed here" => "이 컴퓨터에서의 속도",
        "reads" or "input" => "입력",
        "classes" => "클래스(class)",
        "words" => "단어",
        "tags" => "태그(tag)",
        "attention" => "어텐션(attention)",
        "source" => "원문",
        "target" => "목표",
        "weights" => "가중치",
        "columns" => "열",
        "frequency" => "간격(frequency)",
        "loss" => "손실(loss)",
        "perplexity" => "퍼플렉서티(perplexity)",
        "answer" => "답",
        "examples" => "예시",
        "task" => "작업(task)",
        "tasks" => "작업(task)과 클래스(class)",
        "sentences" => "문장",
        _ => name,
    };

    /// <summary>What is said of it. Names of classes and tags, and what a model answered, stay as they are.</summary>
    /// <param name="name">Its English name.</param>
    /// <param name="value">What is said in English.</param>
    public static string ValueOf(string name, string value) => name switch
    {
        "classes" or "tags" or "tasks" or "task" => value,
        "answer" => Regex.Replace(value, @", probability (?=[\d.]+$)", ", 확률 "),
        _ => Phrases.Aggregate(value, (text, phrase) => Regex.Replace(text, phrase.English, phrase.Korean)),
    };
}
