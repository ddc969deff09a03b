using Coxswain.Core.Dispatch;
using Coxswain.Core.Kernel.Wire;
using CsCheck;
using Xunit;

namespace Coxswain.Core.Tests.Dispatch;

public sealed class WaitingTasksTests
{
    private const int Capacity = 8;

    [Fact]
    public void A_ticket_is_one_tasks_own_until_it_is_taken_back() => Gen.Int[0, 99].Array[0, 200].Sample(operations =>
    {
        using var tasks = new WaitingTasks(Capacity);
        List<(int Ticket, int Pid)> model = [];
        for (int i = 0; i < operations.Length; i++)
        {
            if (operations[i] % 5 < 3)
            {
                int ticket = Add(tasks, pid: i);
                Assert.Equal(model.Count == Capacity, ticket < 0);
                if (ticket >= 0)
                {
                    Assert.DoesNotContain(model, task => task.Ticket == ticket);
                    model.Add((ticket, i));
                }
            }
            else if (model.Count > 0)
            {
                int place = operations[i] % model.Count;
                tasks.Remove(model[place].Ticket);
                Assert.False(tasks.Contains(model[place].Ticket));
                model.RemoveAt(place);
            }
            Assert.Equal(model.Count, tasks.Count);
            Assert.Equal(model.Count == 0 ? -1 : model[0].Ticket, tasks.Oldest);
            Assert.All(model, task => Assert.True(tasks.Contains(task.Ticket) && PidOf(tasks, task.Ticket) == task.Pid));
        }
    });

    [Fact]
    public void When_nobody_waits_any_more_tickets_begin_anew_so_that_notices_lie_one_after_another()
    {
        using var tasks = new WaitingTasks(Capacity);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal([0, 1, 2], (int[])[Add(tasks, 1), Add(tasks, 2), Add(tasks, 3)]);
            foreach (int ticket in (int[])[1, 2, 0])
            {
                tasks.Remove(ticket);
            }
        }
    }

    private static unsafe int Add(WaitingTasks tasks, int pid)
    {
        var notice = new Notice { Pid = pid };
        return tasks.Add(&notice, nowNs: 1);
    }

    private static unsafe int PidOf(WaitingTasks tasks, int ticket) => tasks.Notices[ticket].Pid;
}
