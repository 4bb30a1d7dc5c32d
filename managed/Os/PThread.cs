// SPDX-License-Identifier: GPL-2.0-only
// The library's threads as pthreads. They are created bound and with their signals blocked:
// even at first they run nowhere else and take no signal.
//
// Synchronous signals stay open: a fault in a work function must reach the
// program's own handler.

global using unsafe ThreadFunc = delegate* unmanaged[SuppressGCTransition]<void*, void*>;
using System;
using System.Runtime.InteropServices;
using Tmds.Linux;
using Wq.Base;

namespace Wq.Os;

/// <summary>
/// What a thread runs. The memory must not change until the thread has begun. Laid out like struct thread_start of the
/// glue, at its beginning.
/// </summary>
internal unsafe struct ThreadStart
{
    public ThreadFunc Func;
    public void* Argument;
    public Errno CpusRefused;  // Why the thread is not on its CPUs.
    public Errno ClassRefused; // Why it has its creator's scheduling class.
}

internal static unsafe class PThread
{
    private const int CancelDisable = 1; // PTHREAD_CANCEL_DISABLE
    private const int PrSetName = 15;
    public const int SigSetMask = 2; // SIG_SETMASK
    private const int PrGetName = 16;
    private const int SchedOther = 0;    // SCHED_OTHER
    private const int InheritSched = 0;  // PTHREAD_INHERIT_SCHED
    private const int ExplicitSched = 1; // PTHREAD_EXPLICIT_SCHED

    // What the system may refuse a thread.
    private const int ItsClass = 1 << 0;
    private const int ItsCpus = 1 << 1;
    private const int PrioProcess = 0;
    public const int NameBytes = 16; // TASK_COMM_LEN, the zero byte included.
    private const ulong MaxStackBytes = 1UL << 36;

    private static long GettidNumber => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 178 : 186;

    /// <summary>
    /// Starts a thread of SCHED_OTHER, bound to <paramref name="cpu"/>, or to the process's CPUs if that is -1.
    /// If either is refused (a CPU set that has shrunk, a sandbox), the thread starts without it.
    /// </summary>
    /// <returns>None, or EAGAIN as a rule.</returns>
    public static Errno Create(nuint* thread, int cpu, ThreadStart* start)
    {
        CpuMask cpus = default;
        if (cpu >= 0)
        {
            cpus.Add(cpu);
        }
        else
        {
            CpuWatch.Allowed(&cpus); // Not the CPUs that the creator has bound itself to.
        }
        return Create(thread, &cpus, start);
    }

    /// <summary>Starts a thread on <paramref name="cpus"/>, as far as they are allowed.</summary>
    /// <returns>None, or EAGAIN as a rule.</returns>
    public static Errno Create(nuint* thread, CpuMask* cpus, ThreadStart* start)
    {
        PThreadAttr attr;
        start->CpusRefused = start->ClassRefused = Errno.None;
        Errno error = (Errno)Libc.pthread_attr_init(&attr);
        if (error != Errno.None)
        {
            return error;
        }
        error = SetSignals(&attr);
        if (error == Errno.None && StackSize.Bytes != 0)
        {
            error = (Errno)Libc.pthread_attr_setstacksize(&attr, StackSize.Bytes);
        }
        error = error == Errno.None ? CreateOn(thread, &attr, cpus, start) : error;
        Libc.pthread_attr_destroy(&attr);
        return error;
    }

    // If a thread gets another affinity than its creator's, the C library stops it until that is set. So a thread
    // that is to have the caller's affinity inherits it. If that was changed meanwhile, the thread is bound after all.
    private static Errno CreateOn(nuint* thread, PThreadAttr* attr, CpuMask* cpus, ThreadStart* start)
    {
        CpuMask seen = default;
        bool inherits = Libc.sched_getaffinity(0, CpuMask.SizeBytes, seen.Bits) == 0 && CpuMask.AreEqual(&seen, cpus);
        Errno error = CreateAsFarAsAllowed(thread, attr, inherits ? null : cpus, start);
        if (error == Errno.None && inherits && Libc.pthread_getaffinity_np(*thread, CpuMask.SizeBytes, seen.Bits) == 0
            && !CpuMask.AreEqual(&seen, cpus))
        {
            Bind(*thread, cpus);
        }
        return error;
    }

    // Tries again without what was refused: the class, the CPUs, or both. start says what that was. ReportRefusals
    // reports it on the new thread, as locks are held here. The attributes say SCHED_OTHER from the beginning.
    private static Errno CreateAsFarAsAllowed(nuint* thread, PThreadAttr* attr, CpuMask* cpus, ThreadStart* start)
    {
        bool setsClass = Libc.sched_getscheduler(0) != SchedOther;
        Errno error = Errno.None;
        for (int without = 0; without <= (ItsClass | ItsCpus); without++)
        {
            bool lacksClass = setsClass && (without & ItsClass) != 0;
            bool lacksCpus = cpus != null && (without & ItsCpus) != 0;
            start->ClassRefused = lacksClass ? error : Errno.None;
            start->CpusRefused = lacksCpus ? error : Errno.None;
            Libc.pthread_attr_setinheritsched(attr, setsClass && !lacksClass ? ExplicitSched : InheritSched);
            bool setsCpus = cpus != null && !lacksCpus;
            Libc.pthread_attr_setaffinity_np(attr, setsCpus ? (nuint)CpuMask.SizeBytes : 0, setsCpus ? cpus->Bits : null);
            error = Guard.CreateThread(thread, attr, start);
            if (!IsRefusal(error))
            {
                return error;
            }
        }
        return error;
    }

    // An error other than a lack of resources concerns the class or the CPUs, not the thread itself.
    private static bool IsRefusal(Errno error) => error is not (Errno.None or Errno.EAGAIN or Errno.ENOMEM);

    /// <summary>Called by the new thread when it has its name: reports what was refused to it, if anything.</summary>
    public static void ReportRefusals(ThreadStart* start)
    {
        ReportRefusal("CPUs"u8, start->CpusRefused);
        ReportRefusal("scheduling class"u8, start->ClassRefused);
    }

    private static void ReportRefusal(ReadOnlySpan<byte> what, Errno error)
    {
        if (error == Errno.None)
        {
            return;
        }
        Report report = default;
        report.Text("workqueue: refused to "u8);
        AppendCurrent(ref report);
        report.Text(", which goes on without: its "u8);
        report.Text(what);
        report.Text(", errno "u8);
        report.Decimal((int)error);
        Bug.Debug(ref report);
    }

    /// <summary>Binds a thread that has not been joined to <paramref name="cpus"/>; leaves it where it is if that is refused.</summary>
    public static void Bind(nuint thread, CpuMask* cpus) =>
        Libc.pthread_setaffinity_np(thread, CpuMask.SizeBytes, cpus->Bits);

    /// <summary>Waits for the thread to end, at most until <paramref name="atNs"/> of Clock; Clock.Never for no limit.</summary>
    /// <returns>False if that time was reached first.</returns>
    public static bool JoinUntil(nuint thread, long atNs)
    {
        long* at = stackalloc long[2]; // struct timespec
        at[0] = atNs / Clock.NsPerSecond;
        at[1] = atNs % Clock.NsPerSecond;
        return Guard.Join(thread, atNs == Clock.Never ? null : at) != Errno.ETIMEDOUT;
    }

    /// <summary>
    /// Delays pthread_cancel() of the caller until RestoreCancel. For the time in which a function of the program is
    /// called and the engine's frames must not be unwound. Returns what RestoreCancel takes.
    /// </summary>
    public static int DisableCancel()
    {
        int former;
        Libc.pthread_setcancelstate(CancelDisable, &former);
        return former;
    }

    public static void RestoreCancel(int former) => Libc.pthread_setcancelstate(former, &former);

    /// <summary>Names the calling thread "name/number", or "name" if the number is negative; cut to 15 bytes.</summary>
    // Without a Report, which would use half a page of every new thread's stack.
    public static void SetName(byte* name, int number)
    {
        const int MaxDigits = 10;
        byte* text = stackalloc byte[NameBytes + 1 + MaxDigits];
        int length = 0;
        while (length < NameBytes && name[length] != 0)
        {
            text[length] = name[length];
            length++;
        }
        if (number >= 0)
        {
            text[length++] = (byte)'/';
            int unit = 1;
            while (number / unit >= 10)
            {
                unit *= 10;
            }
            for (; unit != 0; unit /= 10)
            {
                text[length++] = (byte)('0' + (number / unit % 10));
            }
        }
        text[Math.Min(length, NameBytes - 1)] = 0;
        SetName(text);
    }

    public static nuint Self => Libc.pthread_self();

    /// <summary>Nobody will join the calling thread.</summary>
    public static void Detach() => Libc.pthread_detach(Libc.pthread_self());

    /// <summary>Appends the calling thread as name/tid.</summary>
    public static void AppendCurrent(ref Report report)
    {
        byte* name = stackalloc byte[NameBytes + 1];
        name[0] = 0;
        name[NameBytes] = 0;
        Libc.prctl(PrGetName, (nuint)name, 0, 0, 0);
        report.CString(name);
        report.Text("/"u8);
        report.Decimal(CurrentTid());
    }

    /// <summary>The kernel's number of the calling thread.</summary>
    public static int CurrentTid() => (int)Libc.syscall_short(GettidNumber, null, 0, 0, null, null, 0);

    /// <summary>Sets the calling thread's name to a zero-terminated one.</summary>
    public static void SetName(byte* name) => Libc.prctl(PrSetName, (nuint)name, 0, 0, 0);

    /// <summary>Copies the calling thread's name: 16 bytes with its zero byte.</summary>
    public static void GetName(byte* name) => Libc.prctl(PrGetName, (nuint)name, 0, 0, 0);

    /// <summary>Reads the calling thread's nice value; false if the system does not tell.</summary>
    public static bool TryGetNice(int* nice)
    {
        Libc.Errno = Errno.None; // -1 is a nice value as well as a failure.
        *nice = Libc.getpriority(PrioProcess, 0);
        return Libc.Errno == Errno.None;
    }

    /// <summary>Sets the calling thread's nice value.</summary>
    /// <returns>False where that is not permitted.</returns>
    public static bool TrySetNice(int nice) => Libc.setpriority(PrioProcess, 0, nice) == 0;

    /// <summary>The signals that the calling thread blocks: all of the kernel's, bit 0 for signal 1.</summary>
    public static ulong BlockedSignals()
    {
        sigset_t blocked = default;
        Libc.pthread_sigmask(SigSetMask, null, &blocked);
        return *(ulong*)&blocked;
    }

    /// <summary>Makes the calling thread block those signals and no others.</summary>
    public static void BlockSignals(ulong signals)
    {
        sigset_t blocked = default;
        *(ulong*)&blocked = signals;
        Libc.pthread_sigmask(SigSetMask, &blocked, null);
    }

    /// <summary>Could a thread have a stack of that size?</summary>
    public static bool IsStackSize(nuint bytes)
    {
        PThreadAttr attr;
        if (bytes > MaxStackBytes || Libc.pthread_attr_init(&attr) != 0)
        {
            return false;
        }
        bool good = Libc.pthread_attr_setstacksize(&attr, bytes) == 0;
        Libc.pthread_attr_destroy(&attr);
        return good;
    }

    private static Errno SetSignals(PThreadAttr* attr)
    {
        sigset_t blocked;
        FillWorkerMask(&blocked);
        return (Errno)Libc.pthread_attr_setsigmask_np(attr, &blocked);
    }

    private static void FillWorkerMask(sigset_t* blocked)
    {
        Libc.sigfillset(blocked);
        Libc.sigdelset(blocked, LibC.SIGSEGV);
        Libc.sigdelset(blocked, LibC.SIGBUS);
        Libc.sigdelset(blocked, LibC.SIGFPE);
        Libc.sigdelset(blocked, LibC.SIGILL);
        Libc.sigdelset(blocked, LibC.SIGTRAP);
        Libc.sigdelset(blocked, LibC.SIGSYS);
    }
}
