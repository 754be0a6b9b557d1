using System.Reflection;
using System.Runtime.Loader;
using Unroll.Kernels;

namespace Unroll.Tests;

/// <summary>Mistakes in the environment, in a copy of the library that is loaded after they were made.</summary>
[Collection(nameof(ThreadTeam))]
public class SettingsTests
{
    [Theory]
    [InlineData(Simd.Variable, "wide", "UNROLL_SIMD is 'wide'; expected 512, 256, 128 or scalar")]
    [InlineData(ThreadTeam.Variable, "0", "The number of threads is '0'; expected a whole number from 1 to 256")]
    [InlineData(Settings.ForceVariable, "speed", "UNROLL_FORCE is 'speed'; expected composed")]
    public void A_mistake_is_thrown_as_itself_before_anything_is_computed(string variable, string value, string message)
    {
        Assert.Null(Settings.Problem);                          // this copy has read its own by now
        var before = Environment.GetEnvironmentVariable(variable);
        var context = new AssemblyLoadContext(null, isCollectible: true);
        try
        {
            Environment.SetEnvironmentVariable(variable, value);
            var library = context.LoadFromAssemblyPath(typeof(Compute).Assembly.Location);
            Type Named(string name) => library.GetType($"Unroll.{name}", throwOnError: true)!;
            var compute = Named("Compute");
            IsNamed(() => compute.GetProperty("Threads")!.GetValue(null));
            IsNamed(() => compute.GetProperty("Threads")!.SetValue(null, 1));
            IsNamed(() => compute.GetProperty("RegisterBits")!.GetValue(null));
            IsNamed(() => Activator.CreateInstance(Named("Layers.Linear"), 2, 3, Activator.CreateInstance(Named("Rng"), 1UL), true));
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, before);
            context.Unload();
        }

        void IsNamed(Action use)
        {
            var e = Assert.Throws<TargetInvocationException>(use).InnerException!;
            Assert.Equal((nameof(InvalidConfigurationException), true), (e.GetType().Name, e.Message.Contains(message, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void A_way_to_compute_is_composed_or_none()
    {
        Assert.False(Settings.IsComposed(null));
        Assert.False(Settings.IsComposed(" "));
        Assert.True(Settings.IsComposed(" Composed "));
        Assert.Contains("'fused'", Assert.ThrowsAny<UnrollException>(() => Settings.IsComposed("fused")).Message);
    }
}
