// SPDX-License-Identifier: GPL-2.0-only
// The library's entry points for the kernel's timers. See Exports.cs for the rules.

using System.Runtime;
using Wq.Core;
using Wq.Os;
using Wq.Timers;

namespace Wq.Abi;

internal static unsafe class ExportsTimer
{
    [RuntimeExport("wq_jiffies")]
    private static nuint Jiffies() => (nuint)Deadline.Jiffies;

    [RuntimeExport("wq_init_timer")]
    private static void InitTimer(TimerList* timer, uint flags)
    {
        if (timer != null)
        {
            TimerList.Init(timer, flags & (TimerList.TIMER_SELF | TimerList.TIMER_DEFERRABLE));
        }
    }

    [RuntimeExport("add_timer")]
    private static void AddTimer(TimerList* timer) => Add(timer, TimerBase.AnyCpu);

    [RuntimeExport("add_timer_on")]
    private static void AddTimerOn(TimerList* timer, int cpu) => Add(timer, cpu);

    [RuntimeExport("mod_timer")]
    private static int ModTimer(TimerList* timer, nuint expires)
    {
        Errno error = Errno.None;
        bool wasPending = IsGood(timer) && IsReady() && TimerCalls.ModTimer(timer, expires, TimerBase.AnyCpu, out error);
        Exports.SetErrno(error);
        return wasPending ? 1 : 0;
    }

    [RuntimeExport("del_timer")]
    private static int DelTimer(TimerList* timer) => IsThere(timer) && TimerCalls.DelTimer(timer) ? 1 : 0;

    [RuntimeExport("try_to_del_timer_sync")]
    private static int TryToDelTimerSync(TimerList* timer) => IsThere(timer) ? TimerCalls.TryToDelTimerSync(timer) : 0;

    [RuntimeExport("del_timer_sync")]
    private static int DelTimerSync(TimerList* timer) => IsThere(timer) && TimerCalls.DelTimerSync(timer) ? 1 : 0;

    private static void Add(TimerList* timer, int cpu)
    {
        if (IsGood(timer) && IsReady())
        {
            TimerCalls.AddTimer(timer, cpu, out Errno error);
            Exports.SetErrno(error);
        }
    }

    private static bool IsThere(TimerList* timer)
    {
        Fork.Settle();
        return timer != null;
    }

    private static bool IsGood(TimerList* timer)
    {
        if (timer != null && timer->Function != null)
        {
            return true;
        }
        Bug.Refuse("workqueue: arming a timer that is NULL or has no function"u8);
        return false;
    }

    private static bool IsReady()
    {
        bool isReady = Engine.EnsureReady();
        Exports.SetErrno(isReady ? Errno.None : Errno.ENOMEM);
        return isReady;
    }
}
