using Coxswain.Core.Kernel;
using Coxswain.Core.Policies;
using Coxswain.Core.Simulation;
using Favourite;

switch (args)
{
    case ["--simulate", var name]:
        ulong before = LongestWaitUs(name, kernel => SimulatedLoop.Start(kernel, PolicyNames.Fifo));
        ulong with = LongestWaitUs(name, kernel => SimulatedLoop.Start(kernel, new FavouritePolicy(name)));
        Console.WriteLine($"longest wait of {name} beside 8 hogs on 2 CPUs: fifo {before} µs, favourite {with} µs");
        return with < before ? 0 : 1;
    case [var name] when !name.StartsWith('-'):
        using (var scheduler = new Scheduler(new SchedulerOptions { Policy = "favourite", CreatePolicy = () => new FavouritePolicy(name) }))
        using (var stop = new ManualResetEventSlim())
        {
            Console.CancelKeyPress += (_, e) => stop.Set();
            scheduler.Start();
            Console.WriteLine($"{name} goes first; Ctrl-C ends it");
            stop.Wait();
            return scheduler.Snapshot().PolicyFailure.Length == 0 ? 0 : 1;
        }
    default:
        Console.Error.WriteLine("usage: favourite [--simulate] NAME      tasks whose name begins with NAME go first");
        return 2;
}

static ulong LongestWaitUs(string name, Func<SimulatedKernel, SimulatedLoop> start)
{
    using var kernel = new SimulatedKernel(new SimulationOptions { Cpus = 2, Seed = 1 });
    using SimulatedLoop loop = start(kernel);
    for (int i = 0; i < 8; i++)
    {
        kernel.Spawn(new TaskSpec { Comm = "hog", Behaviour = Behaviours.Spin() });
    }
    SimulatedTask service = kernel.Spawn(new TaskSpec { Comm = name, Behaviour = Behaviours.RunAndSleep(runNs: 300_000, sleepNs: 10_000_000) });
    kernel.Advance(5_000_000_000);
    return loop.Failure.Length == 0 ? service.WaitMaxNs / 1000 : throw new InvalidOperationException(loop.Failure);
}
