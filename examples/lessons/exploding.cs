#:project ../../src/Unroll/Unroll.csproj
#:property PublishAot=false

// An exploding gradient, unclipped and clipped: dotnet run examples/lessons/exploding.cs [ko] [FILE.html]
using Unroll;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Pictures;
using Unroll.Tensors;
using Unroll.Training;

/// <summary>The same training twice: plain, and with the gradient's norm clipped.</summary>
static class ExplodingLesson
{
    const int Steps = 40, Batch = 16, Hidden = 8, Iterations = 1000, Drawn = 400;
    const double Weight = 1.15, Rate = 0.003, Limit = 1;

    static int Main(string[] args)
    {
        var page = new PageWriter(Console.Out, args.Contains("ko") ? "ko" : "en");
        var good = Run(page);
        if (args.FirstOrDefault(a => a.EndsWith(".html")) is { } file) File.WriteAllText(file, page.ToHtml());
        return good ? 0 : 1;
    }

    public static bool Run(PageWriter page)
    {
        var korean = page.Language == "ko";
        page.Title = korean ? "exploding: 클리핑하지 않은 기울기와 클리핑한 기울기" : "exploding: a gradient unclipped and clipped";
        page.WriteLine(korean
            ? $"""
              합 구하기: 작은 수 {Steps}개를 읽고 마지막에 합을 말합니다. ReLU RNN이고, 순환 가중치(recurrent weight)는 W_hh = {Weight} · I에서 시작합니다.
                ∂L/∂h_k = (W_hhᵀ)^(T−k) ∂L/∂h_T      {Weight}^{Steps} = {Math.Pow(Weight, Steps):F0}
              기울기가 한 단계마다 {Weight}배가 되어 폭발합니다. 이것이 기울기 폭발(exploding gradient)입니다.
              기울기 클리핑(gradient clipping): ‖g‖ > {Limit}이면 g ← g · {Limit} / ‖g‖. 방향은 그대로이고 길이만 줄어듭니다.
              """
            : $"""
              Sums: the network reads {Steps} small numbers and says their sum at the end. A ReLU RNN whose recurrent weights begin as W_hh = {Weight} · I.
                ∂L/∂h_k = (W_hhᵀ)^(T−k) ∂L/∂h_T      {Weight}^{Steps} = {Math.Pow(Weight, Steps):F0}
              The gradient grows by {Weight} a step: it explodes.
              Gradient clipping: if ‖g‖ > {Limit}, then g ← g · {Limit} / ‖g‖. The direction stays; the length does not.
              """);
        var flow = GradientFlow.Measure(() => new Net().Loss(new Rng(2))).Layers[0].States[0];
        page.WriteLine(korean ? "\n학습 전의 기울기 흐름(gradient flow)" : "\nGradient flow before training");
        page.WriteLine($"  {flow.Describe(page.Language)}");

        page.WriteLine(korean ? "\n  반복        클리핑 없이              클리핑" : "\n  step        unclipped                clipped");
        page.WriteLine(korean ? "              손실       ‖g‖           손실       ‖g‖" : "              loss       ‖g‖           loss       ‖g‖");
        var (plain, clipped) = (new Training(clip: false), new Training(clip: true));
        for (var i = 1; i <= Iterations; i++)
        {
            plain.Step();
            clipped.Step();
            if (i is 1 or 2 or 3 or 4 or 5 or 10 or 100 or Iterations) page.WriteLine($"  {i,4}  {plain}    {clipped}");
        }
        string[] names = korean ? ["클리핑 없이", "클리핑"] : ["unclipped", "clipped"];
        page.Lines(korean ? $"처음 {Drawn}번 반복의 손실" : $"Loss of the first {Drawn} iterations", korean ? "반복" : "iteration", [(names[0], plain.Losses[..Drawn]), (names[1], clipped.Losses[..Drawn])], logarithmic: true);
        page.Lines(korean ? "클리핑 전 기울기 노름 ‖g‖" : "Norm of the gradient ‖g‖ before clipping", korean ? "반복" : "iteration", [(names[0], plain.Norms[..Drawn]), (names[1], clipped.Norms[..Drawn])], logarithmic: true);
        page.WriteLine(korean
            ? $"\n결과: 클리핑하지 않으면 한 걸음이 손실을 {plain.First:G3}에서 {plain.Worst:G3}(으)로 튀게 합니다({plain.WorstStep}번째). 클리핑하면 {clipped.Worst:G3}을 넘지 않고 {clipped.Loss:G3}까지 내려갑니다."
            : $"\nResult: without clipping one step throws the loss from {plain.First:G3} to {plain.Worst:G3} (step {plain.WorstStep}). Clipped it never exceeds {clipped.Worst:G3}, and comes down to {clipped.Loss:G3}.");
        return flow.Verdict == FlowVerdict.Exploding && plain.Worst > 1e4 * plain.First && clipped.Worst < 20 * clipped.First && clipped.Loss < 0.01;
    }

    sealed class Training(bool clip)
    {
        readonly Net _net = new();
        readonly Rng _data = new(3);
        Sgd? _sgd;
        double _norm;
        int _step;

        public List<double> Losses { get; } = [];

        public List<double> Norms { get; } = [];

        public double Loss { get; private set; }

        public double First { get; private set; } = double.NaN;

        public double Worst { get; private set; }

        public int WorstStep { get; private set; }

        public void Step()
        {
            _step++;
            _sgd ??= new Sgd(_net.Parameters, Rate);
            using (var tape = Tape.Record())
            {
                var loss = _net.Loss(_data);
                Loss = loss.Scalar;
                tape.Backward(loss);
            }
            _norm = clip ? Clip.ByNorm(_net.Parameters, Limit) : Clip.GradientNorm(_net.Parameters);
            _sgd.Step();
            Losses.Add(Loss);
            Norms.Add(_norm);
            if (_step == 1) First = Loss;
            if (Loss > Worst) (Worst, WorstStep) = (Loss, _step);
        }

        public override string ToString() => $"{Loss,10:G3}  {_norm,10:G3}";
    }

    sealed class Net : Module
    {
        readonly Recurrent _rnn;
        readonly Linear _output;

        public Net()
        {
            var rng = new Rng(1);
            var cell = new RnnCell(1, Hidden, rng, RnnActivation.Relu);
            Init.Identity(cell.WeightHh);
            foreach (ref var w in cell.WeightHh.Edit()) w *= (float)Weight;
            cell.BiasIh.Edit().Clear();
            cell.BiasHh.Edit().Clear();
            _rnn = Add("rnn", new Recurrent(cell));
            _output = Add("output", new Linear(Hidden, 1, rng));
        }

        public Tensor Loss(Rng data)
        {
            var (x, sums) = (Tensor.Zeros(new(Steps, Batch, 1)), Tensor.Zeros(new(1, Batch, 1)));
            for (var i = 0; i < x.Count; i++) sums.Values[i % Batch] += x.Values[i] = (float)(data.NextDouble() / Steps);
            return Losses.MeanSquared(_output.Forward(_rnn.Forward(x).Output[^1..]), sums);
        }
    }
}
