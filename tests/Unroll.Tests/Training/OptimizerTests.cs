using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Golden;
using Unroll.Training;

namespace Unroll.Tests.Training;

public class OptimizerTests
{
    static readonly GoldenNode Golden = GoldenFile.Load("optimizers");

    public static TheoryData<string> Cases => [.. Golden["cases"].Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ten_steps_equal_PyTorchs(string name)
    {
        var golden = Golden["cases"][name];
        var parameters = Start(_ => true);
        var optimizer = Make(golden["optimizer"].Text, parameters, golden["options"]);
        for (var step = 0; step < golden["steps"].Count; step++)
        {
            Feed(parameters, step);
            optimizer.Step();
            foreach (var (id, parameter) in parameters) AssertClose(golden["steps"][step][id].Floats, parameter.Values);
        }
    }

    [Theory]
    [InlineData("sgd-weight_decay", "sgd")]
    [InlineData("sgd-momentum-weight_decay", "sgd-momentum")]
    [InlineData("adagrad-l2", "adagrad")]
    public void Weight_decay_spares_parameters_that_do_not_decay(string with, string without)
    {
        var golden = Golden["cases"][with];
        var parameters = Start(id => id != "b");
        var optimizer = Make(golden["optimizer"].Text, parameters, golden["options"]);
        for (var step = 0; step < golden["steps"].Count; step++)
        {
            Feed(parameters, step);
            optimizer.Step();
            AssertClose(golden["steps"][step]["a"].Floats, parameters[0].Parameter.Values);
            AssertClose(Golden["cases"][without]["steps"][step]["b"].Floats, parameters[1].Parameter.Values);
        }
    }

    [Fact]
    public void Decoupled_weight_decay_spares_them_too()
    {
        var parameters = Start(id => id != "b");
        var plain = Start(_ => true);
        var (decaying, not) = (new AdamW(parameters, 0.01, weightDecay: 0.1), new Adam(plain, 0.01));
        for (var step = 0; step < 10; step++)
        {
            Feed(parameters, step);
            Feed(plain, step);
            decaying.Step();
            not.Step();
        }
        AssertClose(Golden["cases"]["adamw"]["steps"][9]["a"].Floats, parameters[0].Parameter.Values);
        Assert.Equal(plain[1].Parameter.Values, parameters[1].Parameter.Values);
    }

    [Fact]
    public void Parameters_without_a_gradient_and_frozen_ones_stay_and_count_no_step()
    {
        var parameters = Start(_ => true);
        var optimizer = new Adam(parameters, 0.01);
        var (a, b) = (parameters[0].Parameter, parameters[1].Parameter);
        var start = b.Values.ToArray();
        for (var step = 0; step < 3; step++)                  // b has no gradient, then is frozen with one
        {
            Feed(parameters, 0);
            if (step == 1) b.ClearGradient();
            if (step != 1) b.Trainable = false;
            optimizer.Step();
            Assert.True(a.HasNoGradient && b.HasNoGradient);
            b.Trainable = true;
        }
        Assert.Equal(start, b.Values);
        Feed(parameters, 0);
        optimizer.Step();
        AssertClose(Golden["cases"]["adam"]["steps"][0]["b"].Floats, b.Values);      // its first step, corrected as such
    }

    /// <summary>What is frozen at first and thawed later is trained from then on, as by an optimizer that is made then.</summary>
    [Fact]
    public void What_is_thawed_is_trained_from_then_on()
    {
        foreach (var kind in Enumerable.Range(0, All(Start(_ => true)).Length))
        {
            var (thawed, later) = (Start(_ => true), Start(_ => true));
            thawed[1].Parameter.Trainable = false;
            var optimizer = All(thawed)[kind];
            Assert.Equal(thawed, optimizer.Parameters);
            Assert.DoesNotContain(optimizer.Moments, m => m.Name.EndsWith(".b", StringComparison.Ordinal));       // a large table costs nothing while frozen
            var start = thawed[1].Parameter.Values.ToArray();
            for (var step = 0; step < 3; step++)
            {
                Feed(thawed, step);
                optimizer.Step();
                Assert.Equal(start, thawed[1].Parameter.Values);
            }
            thawed[1].Parameter.Trainable = true;
            var fresh = All(later)[kind];
            for (var step = 3; step < 6; step++)
            {
                Feed(thawed, step);
                Feed(later, step);
                optimizer.Step();
                fresh.Step();
                Assert.Equal(later[1].Parameter.Values, thawed[1].Parameter.Values);
            }
            Assert.NotEqual(start, thawed[1].Parameter.Values.ToArray());
        }
    }

    [Fact]
    public void What_was_thawed_goes_on_after_a_resume()
    {
        foreach (var kind in Enumerable.Range(0, All(Start(_ => true)).Length))
        {
            var (parameters, resumed) = (Start(_ => true), Start(_ => true));
            parameters[0].Parameter.Trainable = resumed[0].Parameter.Trainable = false;
            var (one, other) = (All(parameters)[kind], All(resumed)[kind]);
            for (var step = 0; step < 4; step++)
            {
                parameters[0].Parameter.Trainable = step >= 2;
                Feed(parameters, step);
                one.Step();
            }
            var snapshot = new CheckpointState();
            one.Capture(snapshot);
            other.Restore(snapshot);
            for (var i = 0; i < 2; i++) parameters[i].Parameter.Values.CopyTo(resumed[i].Parameter.Edit());
            resumed[0].Parameter.Trainable = true;
            foreach (var (set, optimizer) in new[] { (parameters, one), (resumed, other) })
            {
                Feed(set, 4);
                optimizer.Step();
            }
            for (var i = 0; i < 2; i++) Assert.Equal(parameters[i].Parameter.Values, resumed[i].Parameter.Values);
        }
    }

    [Fact]
    public void A_checkpoint_of_what_stays_frozen_is_as_ever()
    {
        var parameters = Start(_ => true);
        parameters[1].Parameter.Trainable = false;
        var optimizer = new Adam(parameters);
        Feed(parameters, 0);
        optimizer.Step();
        var snapshot = new CheckpointState();
        optimizer.Capture(snapshot);
        Assert.Equal(["exp_avg.a", "exp_avg_sq.a"], snapshot.Tensors.Keys);
        Assert.Equal("""{"kind":"Adam","steps":[1]}""", snapshot.Values.ToJsonString());
    }

    /// <summary>A table's gradient of which few rows were touched, against the same gradient as an array of numbers.</summary>
    [Fact]
    public void A_table_learns_the_same_where_most_of_its_rows_are_passed_over()
    {
        int[][] batches = [[1, 700, 701, 3], [2999, -1, 3], [], [1, 1, 1500], [4]];
        foreach (var kind in Enumerable.Range(0, All(Start(_ => true)).Length))
        {
            var (sparse, dense) = (Table(), Table());
            var (one, other) = (All(sparse)[kind], All(dense)[kind]);
            for (var step = 0; step < 2 * batches.Length; step++)
            {
                foreach (var parameters in new[] { sparse, dense })
                {
                    using var tape = Tape.Record();
                    var ids = batches[step % batches.Length];
                    var rows = Ops.Gather(parameters[0].Parameter, ids, new(ids.Length));
                    tape.Backward(Ops.Sum(Ops.Square(rows)));
                }
                var whole = dense[0].Parameter.Gradient;              // asked for, it may be changed anywhere: no longer passed over
                if (step == 5) whole[2000] = sparse[0].Parameter.Gradient[2000] = 1;
                Assert.Equal(Clip.GradientNorm(dense), Clip.GradientNorm(sparse));
                one.Step(0.3);
                other.Step(0.3);
                Assert.Equal(dense[0].Parameter.Values, sparse[0].Parameter.Values);
            }
        }

        static NamedParameter[] Table()
        {
            var table = new Parameter(new(3000, 7));
            new Rng(3).FillUniform(table.Edit(), -1, 1);
            return [new("table", table)];
        }
    }

    [Fact]
    public void A_step_with_clippings_factor_is_a_step_after_clipping()
    {
        foreach (var kind in Enumerable.Range(0, All(Start(_ => true)).Length))
        {
            var (parameters, clipped) = (Start(_ => true), Start(_ => true));
            var (one, other) = (All(parameters)[kind], All(clipped)[kind]);
            for (var step = 0; step < 3; step++)
            {
                Feed(parameters, step);
                Feed(clipped, step);
                one.Step(Clip.Factor(Clip.GradientNorm(parameters), 0.1));
                Assert.True(Clip.ByNorm(clipped, 0.1) > 0.1);
                other.Step();
                for (var i = 0; i < 2; i++) Assert.Equal(clipped[i].Parameter.Values, parameters[i].Parameter.Values);
            }
        }
        Assert.Equal(1, Clip.Factor(double.NaN, 1));
        Assert.Equal(1, Clip.Factor(0.5, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Clip.Factor(1, 0));
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        var parameters = Start(_ => true);
        foreach (var optimizer in All(parameters))
        {
            Feed(parameters, 0);
            optimizer.Step();
            Feed(parameters, 1);
            var before = GC.GetAllocatedBytesForCurrentThread();
            optimizer.Step();
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    /// <summary>From the same gradients in these steps both come to the same weights.</summary>
    static void AssertAlike((NamedParameter[] Parameters, Optimizer Optimizer) expected, (NamedParameter[] Parameters, Optimizer Optimizer) actual, Range steps)
    {
        for (var step = steps.Start.Value; step < steps.End.Value; step++)
            foreach (var (parameters, optimizer) in new[] { expected, actual })
            {
                Feed(parameters, step);
                optimizer.Step();
            }
        for (var i = 0; i < expected.Parameters.Length; i++) Assert.Equal(expected.Parameters[i].Parameter.Values, actual.Parameters[i].Parameter.Values);
    }

    [Fact]
    public void Moments_are_captured_and_restored_to_the_bit()
    {
        foreach (var kind in Enumerable.Range(0, All(Start(_ => true)).Length))
        {
            var (parameters, resumed) = (Start(_ => true), Start(_ => true));
            var (one, other) = (All(parameters)[kind], All(resumed)[kind]);
            for (var step = 0; step < 4; step++)
            {
                Feed(parameters, step);
                one.Step();
            }
            var snapshot = new CheckpointState();
            one.Capture(snapshot);
            other.Restore(snapshot);
            for (var i = 0; i < 2; i++) parameters[i].Parameter.Values.CopyTo(resumed[i].Parameter.Edit());
            AssertAlike((resumed, other), (parameters, one), 4..10);
        }
    }

    [Fact]
    public void One_that_forgets_goes_on_as_a_fresh_one()
    {
        foreach (var kind in Enumerable.Range(0, All(Start(_ => true)).Length))
        {
            var (parameters, later) = (Start(_ => true), Start(_ => true));
            var optimizer = All(parameters)[kind];
            for (var step = 0; step < 3; step++)
            {
                Feed(parameters, step);
                optimizer.Step();
            }
            optimizer.Forget();
            for (var i = 0; i < 2; i++) parameters[i].Parameter.Values.CopyTo(later[i].Parameter.Edit());
            AssertAlike((later, All(later)[kind]), (parameters, optimizer), 3..6);
        }
    }

    [Fact]
    public void A_snapshot_of_another_optimizer_is_refused()
    {
        var parameters = Start(_ => true);
        var snapshot = new CheckpointState();
        new Sgd(parameters).Capture(snapshot);
        var e = Assert.ThrowsAny<UnrollException>(() => new Adam(parameters).Restore(snapshot));
        Assert.Contains("Sgd", e.Message, StringComparison.Ordinal);
        Assert.Contains("Adam", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        var p = Start(_ => true);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(p, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(p, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(p, 1, momentum: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(p, 1, nesterov: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(p, beta1: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AdamW(p, beta2: -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RmsProp(p, alpha: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adagrad(p, weightDecay: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(p).LearningRate = double.PositiveInfinity);
    }

    [Fact]
    public void Every_width_gives_the_same_bits_at_every_length()
    {
        SameBits(new SgdRule(0.1, 0.01));
        SameBits(new MomentumRule(0.1, 0.01, 0.9, nesterov: true));
        SameBits(new AdamRule(0.02, 0.01, 0.99, 0.9, 0.999, 0.1, 1e-8));
        SameBits(new RmsPropRule(0.1, 0.01, 0.9, 0.5, 1e-8));
        SameBits(new AdagradRule(0.1, 0.01, 1e-10));
    }

    static unsafe void SameBits<TRule>(TRule rule) where TRule : unmanaged, IUpdateRule
    {
        for (var n = 0; n <= 67; n++)
        {
            var expected = After<Lane1>(n);
            Assert.Equal(expected, After<Lanes128>(n));
            Assert.Equal(expected, After<Lanes256>(n));
            Assert.Equal(expected, After<Lanes512>(n));
        }

        float[] After<V>(int n) where V : unmanaged, ILanes<V>
        {
            var rng = new Rng(5);
            var numbers = new float[4 * n];
            rng.FillUniform(numbers, 0, 1);
            fixed (float* at = numbers) new UpdateKernel<TRule>(rule, at, at + n, 1, at + 2 * n, at + 3 * n).Run<V>(0, n);
            return numbers;
        }
    }

    static NamedParameter[] Start(Func<string, bool> decays) =>
        [.. Golden["start"].Names.Select(id =>
        {
            var golden = Golden["start"][id];
            var parameter = new Parameter(Shape.From(golden.Shape), decays(id));
            golden.Floats.CopyTo(parameter.Edit());
            return new NamedParameter(id, parameter);
        })];

    static void Feed(NamedParameter[] parameters, int step)
    {
        foreach (var (id, parameter) in parameters) Golden["gradients"][step][id].Floats.CopyTo(parameter.Gradient);
    }

    static Optimizer[] All(NamedParameter[] parameters) =>
    [
        new Sgd(parameters, 0.1), new Sgd(parameters, 0.1, 0.9), new Sgd(parameters, 0.1, 0.9, true, 0.1), new Adam(parameters),
        new AdamW(parameters), new RmsProp(parameters), new RmsProp(parameters, momentum: 0.9), new Adagrad(parameters, weightDecay: 0.1),
    ];

    static Optimizer Make(string kind, NamedParameter[] parameters, GoldenNode options)
    {
        var rate = options["lr"].Number;
        var decay = Get("weight_decay", kind == "AdamW" ? 0.01 : 0);
        return kind switch
        {
            "SGD" => new Sgd(parameters, rate, Get("momentum", 0), options.Has("nesterov") && options["nesterov"].Flag, decay),
            "Adam" => new Adam(parameters, rate, options["betas"][0].Number, options["betas"][1].Number, options["eps"].Number, decay),
            "AdamW" => new AdamW(parameters, rate, options["betas"][0].Number, options["betas"][1].Number, options["eps"].Number, decay),
            "RMSprop" => new RmsProp(parameters, rate, options["alpha"].Number, options["eps"].Number, Get("momentum", 0), decay),
            _ => new Adagrad(parameters, rate, options["eps"].Number, decay),
        };

        double Get(string option, double otherwise) => options.Has(option) ? options[option].Number : otherwise;
    }

    /// <summary>
    /// The golden numbers are of double precision: ten steps in single precision stay within some units in the last place.
    /// </summary>
    static void AssertClose(float[] expected, ReadOnlySpan<float> actual)
    {
        for (var i = 0; i < expected.Length; i++) Assert.InRange(actual[i], expected[i] - 2e-6f, expected[i] + 2e-6f);
    }
}
