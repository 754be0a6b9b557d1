using Unroll.Pictures;

namespace Unroll.Cli;

/// <summary>A lesson: a program of <c>examples/lessons</c>, which the command has inside.</summary>
/// <param name="Name">The name of the lesson and of its file.</param>
/// <param name="English">What it shows, in a line.</param>
/// <param name="Korean">The same in Korean.</param>
/// <param name="Run">Runs it: writes its page, and tells whether its stated outcome came about.</param>
sealed record Lesson(string Name, string English, string Korean, Func<PageWriter, bool> Run);

/// <summary>All lessons: one line each.</summary>
static class LessonCatalog
{
    public static IReadOnlyList<Lesson> All { get; } =
    [
        new("hello", "The smallest language model learns \"hello\"; hidden states before and after.", "가장 작은 언어 모델이 \"hello\"를 배웁니다. 학습 전과 후의 은닉 상태.", HelloLesson.Run),
        new("goodbye", "Next word with an embedding; the shape of every matrix.", "임베딩으로 다음 단어 맞히기. 모든 행렬의 크기.", GoodbyeLesson.Run),
        new("vanishing", "The vanishing gradient at lengths 10 to 200: five cells, and which of them learn.", "길이 10–200에서의 기울기 소실: 다섯 가지 셀, 그리고 배우는 셀.", VanishingLesson.Run),
        new("exploding", "An exploding gradient, unclipped and clipped.", "기울기 폭발: 클리핑 없이, 그리고 클리핑하여.", ExplodingLesson.Run),
        new("memory", "Adding, copy, parity, temporal order, Reber grammar; adding over 600 steps.", "덧셈, 복사, 패리티, 시간 순서, 레버 문법. 600단계의 덧셈.", MemoryLesson.Run),
        new("truncation", "Truncated against full backpropagation through time.", "절단 시간 역전파와 전체 시간 역전파.", TruncationLesson.Run),
        new("shapes", "One to one, one to many, many to one, many to many: a model for each.", "일대일, 일대다, 다대일, 다대다: 모양마다 모델 하나.", ShapesLesson.Run),
        new("forcing", "Teacher forcing, free running, and the gap between them.", "교사 강요와 자유 실행, 그리고 그 차이.", ForcingLesson.Run),
        new("directions", "Where a second direction helps, and where it cannot be used.", "두 번째 방향이 도움이 되는 곳과 쓸 수 없는 곳.", DirectionsLesson.Run),
        new("gates", "The forget gate of an LSTM kept at 0, at 1, and learned.", "LSTM의 망각 게이트: 0에 고정, 1에 고정, 학습.", GatesLesson.Run),
        new("softmax", "tanh against ReLU inside; softmax against a linear output.", "안쪽의 tanh와 ReLU, 출력의 소프트맥스와 선형.", SoftmaxLesson.Run),
    ];
}
