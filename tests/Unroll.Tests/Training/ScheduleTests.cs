using Unroll.Tests.Golden;
using Unroll.Training;

namespace Unroll.Tests.Training;

public class ScheduleTests
{
    static readonly GoldenNode Golden = GoldenFile.Load("optimizers")["schedules"];

    [Theory]
    [InlineData("step")]
    [InlineData("exponential")]
    [InlineData("cosine")]
    [InlineData("warmup")]
    [InlineData("plateau")]
    [InlineData("plateau-cooldown-min")]
    public void Rates_equal_PyTorchs(string name)
    {
        var golden = Golden[name];
        var o = golden["options"];
        Schedule schedule = golden["schedule"].Text switch
        {
            "StepLR" => Schedule.Step(1 / o["gamma"].Number, o["step_size"].Integer),
            "ExponentialLR" => Schedule.Exponential(o["gamma"].Number),
            "CosineAnnealingLR" => Schedule.Cosine(o["T_max"].Integer, o["eta_min"].Number / 0.1),
            "LinearLR" => Schedule.WarmUp(o["total_iters"].Integer, Schedule.Constant, o["start_factor"].Number),
            _ => Schedule.OnPlateau(
                o["factor"].Number, o["patience"].Integer, o["threshold"].Number,
                o.Has("cooldown") ? o["cooldown"].Integer : 0, o.Has("min_lr") ? o["min_lr"].Number / 0.1 : 0),
        };
        var rates = golden["rates"].Doubles;
        for (var k = 0; k < rates.Length; k++)
        {
            Assert.Equal(rates[k], 0.1 * schedule.Factor(k, iterationsPerEpoch: 1), 1e-10);
            if (golden.Has("metrics") && k < golden["metrics"].Count) schedule.Observe(golden["metrics"].Doubles[k]);
        }
    }

    [Fact]
    public void Zarembas_schedules_can_be_said()
    {
        var small = Schedule.Step(2, after: 4);
        double[] epochs = [1, 1, 1, 1, 1 / 2.0, 1 / 4.0, 1 / 8.0];
        for (var iteration = 0; iteration < 70; iteration++) Assert.Equal(epochs[iteration / 10], small.Factor(iteration, 10));
        var large = Schedule.Step(1.15, after: 14);
        Assert.Equal(1, large.Factor(139, 10));
        Assert.Equal(1 / 1.15, large.Factor(140, 10), 1e-12);
        Assert.Equal(1 / (1.15 * 1.15), large.Factor(150, 10), 1e-12);
    }

    [Fact]
    public void The_exponential_reaches_its_factor_after_an_epoch_and_the_cosine_stays_at_its_floor()
    {
        Assert.Equal(0.9, Schedule.Exponential(0.9).Factor(50, 50), 1e-12);
        Assert.Equal(Math.Sqrt(0.9), Schedule.Exponential(0.9).Factor(25, 50), 1e-12);
        Assert.Equal(0.2, Schedule.Cosine(100, 0.2).Factor(5000, 1), 1e-12);
    }

    [Fact]
    public void Warm_up_scales_the_schedule_that_follows()
    {
        var cosine = Schedule.Cosine(100);
        var warm = Schedule.WarmUp(10, cosine, start: 0);
        Assert.Equal(0, warm.Factor(0, 1));
        Assert.Equal(cosine.Factor(5, 1) / 2, warm.Factor(5, 1), 1e-12);
        Assert.Equal(cosine.Factor(10, 1), warm.Factor(10, 1));
        Assert.Equal(1, Schedule.Constant.Factor(12345, 7));
    }

    [Fact]
    public void A_plateau_is_continued_from_a_snapshot_through_a_warm_up()
    {
        var losses = Golden["plateau"]["metrics"].Doubles;
        for (var cut = 0; cut < losses.Length; cut++)
        {
            var (one, other) = (Make(), Make());
            foreach (var loss in losses[..cut]) one.Observe(loss);
            var snapshot = new CheckpointState();
            one.Capture(snapshot);
            other.Restore(snapshot);
            foreach (var loss in losses[cut..])
            {
                one.Observe(loss);
                other.Observe(loss);
                Assert.Equal(one.Factor(20, 1), other.Factor(20, 1));
            }
        }

        static Schedule Make() => Schedule.WarmUp(5, Schedule.OnPlateau(0.5, patience: 1, coolDown: 1));
    }

    [Fact]
    public void Not_a_number_is_never_progress()
    {
        var schedule = Schedule.OnPlateau(0.5, patience: 1);
        schedule.Observe(double.NaN);
        Assert.Equal(1, schedule.Factor(0, 1));
        schedule.Observe(double.NaN);
        Assert.Equal(0.5, schedule.Factor(0, 1));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Step(0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Step(2, every: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Exponential(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Cosine(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.WarmUp(0, Schedule.Constant));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.OnPlateau(by: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.OnPlateau(threshold: double.NaN));
    }
}
