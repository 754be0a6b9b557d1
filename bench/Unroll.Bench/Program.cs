using Unroll.Bench;

return args switch
{
    ["layers", var workloads, var seconds, .. var name] when name.Length <= 1 => LayerBenchmark.Run(workloads, seconds, name.FirstOrDefault()),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: Unroll.Bench layers WORKLOADS.json SECONDS [NAME]
                 Times recurrent layers, inference and training; one JSON line for each workload and mode.
        """);
    return 2;
}
