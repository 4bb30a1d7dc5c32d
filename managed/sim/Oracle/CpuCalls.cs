// SPDX-License-Identifier: GPL-2.0-only
// What the calls about CPUs return, and what may change while they are held.
//
// A call that no other such call has overlapped is alone: the online set at its end is what
// it has left. While all have been alone so far the model knows what is taken, and so what
// must be online. Refusals of the kernel and of notifiers are answers of their own.

using System.Numerics;
using Wq.Core;
using Wq.Os;

namespace Wq.Sim;

internal static unsafe class CpuCalls
{
    private static int s_nrUnderWay;
    private static int s_nrBegun;
    private static bool s_isExact;   // All were alone so far.
    private static ulong s_taken;    // While exact.
    private static ulong s_everOff;  // Asked to go, or not allowed, at some time.
    private static bool s_isSettled; // The last change of what is allowed or taken was followed, and no other has begun.

    private static bool MayFail => Interpreter.Program.HasFaults || Notifiers.AnyRefuses;

    private static ulong Online
    {
        get
        {
            CpuMask online;
            Cpus.Online(&online);
            return *(ulong*)online.Bits;
        }
    }

    public static void Reset()
    {
        s_nrUnderWay = 0;
        s_nrBegun = 0;
        s_isExact = true;
        s_taken = 0;
        s_everOff = 0;
        s_isSettled = true;
    }

    public static void Begins(Call call)
    {
        s_isSettled = false;
        call.IsAlone = s_nrUnderWay++ == 0;
        call.NrCpuCall = ++s_nrBegun;
        call.OnlineBefore = Online;
        s_everOff |= call.Step.Verb == Verb.Down ? Bit(call.Step.Cpu) : 0;
        s_everOff |= call.Step.Verb == Verb.Allow ? ~(ulong)call.Step.Jiffies : 0;
    }

    public static void Returned(SimThread self, Call call)
    {
        s_nrUnderWay--;
        call.IsAlone &= call.NrCpuCall == s_nrBegun;
        s_isExact &= call.IsAlone;
        bool mustNot = self.CurrentWorker != null || *self.CpuHolds != 0;
        if (mustNot && call.Step.Verb != Verb.Allow)
        {
            Expect(call, call.Error == Errno.EDEADLK);
            return;
        }
        if (call.Step.Verb is Verb.Up or Verb.Down && (uint)call.Step.Cpu >= (uint)Kernel.NrCpus)
        {
            Expect(call, call.Error == Errno.EINVAL);
            return;
        }
        switch (call.Step.Verb)
        {
            case Verb.Up:
                Up(call, Bit(call.Step.Cpu));
                break;
            case Verb.Down:
                Down(call, Bit(call.Step.Cpu));
                break;
            case Verb.Rescan:
                Expect(call, call.Error == Errno.None || (IsFailure(call.Error) && !(s_isExact && call.OnlineBefore == Target)));
                Expect(call, !s_isExact || call.Error != Errno.None || Online == Target);
                Expect(call, !call.IsAlone || call.Error != Errno.None || call.Nr == BitOperations.PopCount(call.OnlineBefore ^ Online));
                break;
        }
        s_isSettled = call.IsAlone && call.Step.Verb != Verb.Allow;
        if (s_isExact && !MayFail && call.Step.Verb != Verb.Allow && Online != Target)
        {
            Machine.Fail($"CPUs {Online:x} are online after a call, where {Target:x} should be");
        }
    }

    /// <summary>
    /// A function begins: a worker of a shared pool may run on the pool's CPU only, or if that is offline or the pool is
    /// unbound, on all that are online. Judged while nothing changes.
    /// </summary>
    public static void CheckPlace(SimThread self, int item)
    {
        WorkerPool* pool = ((Worker*)self.CurrentWorker)->Pool;
        ulong online = Online;
        if (!pool->IsShared || !s_isSettled || (online & ~Kernel.AllowedCpus) != 0)
        {
            return;
        }
        ulong own = pool->Cpu >= 0 ? Bit(pool->Cpu) & online : 0;
        ulong expected = own != 0 ? own : online;
        if (self.BoundTo != expected)
        {
            Machine.Fail($"item {Program.NameOfItem(item)} begins on a worker of CPU {pool->Cpu} that is bound to CPUs {self.BoundTo:x}, with {online:x} online");
        }
    }

    /// <summary>Has every queue a worker on the CPU, or none? Where no thread makes or ends one.</summary>
    public static bool AllHave(int cpu, bool worker)
    {
        bool all = true;
        for (int queue = 0; queue < Interpreter.Program.Queues.Count; queue++)
        {
            Workqueue* wq = Queues.PerCpu(queue);
            PoolWorkqueue* pwq = wq != null ? Workqueue.OwnPwq(wq, cpu) : null;
            all &= wq == null || (pwq != null && pwq->Pool->Workers != null) == worker;
        }
        return all;
    }

    /// <summary>No thread makes calls any more: there are workers on the online CPUs only.</summary>
    public static void AtRest()
    {
        for (int cpu = 0; cpu < Kernel.NrCpus; cpu++)
        {
            if (!AllHave(cpu, Cpus.IsOnline(cpu)))
            {
                Machine.Fail($"CPU {cpu} is {(Cpus.IsOnline(cpu) ? "online, and a queue has no worker there" : "offline, and a queue has a worker there")}");
            }
        }
    }

    /// <summary>The thread holds the online CPUs from now on.</summary>
    public static void Held(SimThread self) => self.OnlineHeld = *self.CpuHolds == 1 ? Online : self.OnlineHeld;

    /// <summary>It is about to hold them once less, if it does.</summary>
    public static void Releases(SimThread self)
    {
        if (*self.CpuHolds != 0 && self.OnlineHeld != Online)
        {
            Machine.Fail($"CPUs {Online:x} are online, and {self.OnlineHeld:x} were when a thread held them");
        }
    }

    // What is allowed and not taken; if that is nothing, what is allowed.
    private static ulong Target => (Kernel.AllowedCpus & ~s_taken) != 0 ? Kernel.AllowedCpus & ~s_taken : Kernel.AllowedCpus;

    private static void Up(Call call, ulong cpu)
    {
        s_taken &= ~cpu;
        bool isAllowed = (Kernel.AllowedCpus & cpu) != 0;
        Expect(call, call.Error is Errno.None or Errno.ENODEV || IsFailure(call.Error));
        Expect(call, call.Error != Errno.ENODEV || !isAllowed || !call.IsAlone);
        Expect(call, !call.IsAlone || (call.Error == Errno.None) == ((Online & cpu) != 0));
        Expect(call, !call.IsAlone || isAllowed || call.Error is Errno.None or Errno.ENODEV);
    }

    private static void Down(Call call, ulong cpu)
    {
        s_taken |= call.Error == Errno.None ? cpu : 0;
        Expect(call, call.Error is Errno.None or Errno.EBUSY || (Notifiers.AnyRefuses && IsFailure(call.Error)));
        Expect(call, call.Error != Errno.EBUSY || MayFail || (s_everOff | cpu | ~AllCpus) == ulong.MaxValue);
        Expect(call, !call.IsAlone || call.Error == Errno.EBUSY || (call.Error == Errno.None) == ((Online & cpu) == 0));
        Expect(call, !call.IsAlone || call.Error != Errno.EBUSY || Online == cpu || MayFail);
    }

    private static bool IsFailure(Errno error) => error == Errno.EINVAL
        ? Notifiers.AnyRefuses // NOTIFY_BAD says no more.
        : error is Errno.EAGAIN or Errno.ENOMEM && Interpreter.Program.HasFaults;

    private static ulong AllCpus => (1UL << Kernel.NrCpus) - 1;

    private static ulong Bit(int cpu) => (uint)cpu < (uint)Kernel.NrCpus ? 1UL << cpu : 0;

    private static void Expect(Call call, bool isRight)
    {
        if (!isRight)
        {
            Machine.Fail(Names.Of(call.Step) + $" returned {call.Error} and {call.Nr}, with CPUs {call.OnlineBefore:x} online before and {Online:x} after");
        }
    }
}
