// How a worker thread begins and ends: its stack, its signals, its name and nice value,
// and the program's hooks.
//
// The hooks, and whether it takes signals, are read when a worker is made, so that a
// program knows which workers have them, and kept in the worker, so that each runs a
// matching pair.

global using unsafe HookFunc = delegate* unmanaged[SuppressGCTransition]<void>;
using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

/// <summary>What the program runs at the start and the end of a worker; either may be null.</summary>
internal unsafe struct WorkerHooks
{
    public HookFunc Start;
    public HookFunc Stop;
}

/// <summary>Whether a worker takes the process's signals, and which it blocks then.</summary>
internal struct WorkerSignals
{
    public ulong Blocked;
    public bool AreTaken;
}

internal static unsafe class WorkerSetup
{
    private const int WorkerNice = -5;
    private const ulong MaxParsed = 1UL << 40; // More digits make it no larger, nor sensible.

    private static FutexMutex s_lock;
    private static WorkerHooks s_hooks; // L: s_lock
    private static nuint s_stackBytes;  // A: 0 for what the environment says
    private static WorkerSignals s_signals; // L: s_lock
    private static nuint s_defaultStackBytes; // I: WQ_STACK_SIZE, or 0 for the C library's default

    /// <summary>Reads WQ_STACK_SIZE: bytes, or with K or M behind. False if it makes no sense: ReportStackSize says so.</summary>
    public static bool Init()
    {
        fixed (byte* name = "WQ_STACK_SIZE"u8)
        {
            byte* text = Libc.getenv(name);
            if (text == null || *text == 0)
            {
                return true;
            }
            nuint bytes = ParseBytes(text);
            bool good = PThread.IsStackSize(bytes);
            s_defaultStackBytes = good ? bytes : 0;
            return good;
        }
    }

    public static void ReportStackSize()
    {
        fixed (byte* name = "WQ_STACK_SIZE"u8)
        {
            byte* text = Libc.getenv(name);
            Report report = default;
            report.Text("workqueue: WQ_STACK_SIZE is no size of a stack, ignored: "u8);
            report.CString(text);
            Bug.Warn(ref report);
        }
    }

    /// <summary>The stack of workers made from now on; 0 for the C library's default.</summary>
    public static nuint StackBytes
    {
        get
        {
            fixed (nuint* bytes = &s_stackBytes)
            {
                nuint set = Atomic.Load(bytes);
                return set != 0 ? set : s_defaultStackBytes;
            }
        }
    }

    /// <summary>False if no thread could have such a stack; 0 means the default again.</summary>
    public static bool TrySetStackBytes(nuint size)
    {
        if (size != 0 && !PThread.IsStackSize(size))
        {
            return false;
        }
        fixed (nuint* bytes = &s_stackBytes)
        {
            Atomic.Store(bytes, size);
        }
        return true;
    }

    /// <summary>The signals that workers made from now on take and block.</summary>
    public static WorkerSignals Signals
    {
        get
        {
            FutexMutex.LockStatic(ref s_lock);
            WorkerSignals signals = s_signals;
            FutexMutex.UnlockStatic(ref s_lock);
            return signals;
        }
        set
        {
            FutexMutex.LockStatic(ref s_lock);
            s_signals = value;
            FutexMutex.UnlockStatic(ref s_lock);
        }
    }

    /// <summary>A number with K, M or nothing behind it; 0 if it is none.</summary>
    public static nuint ParseBytes(byte* text)
    {
        nuint number = 0;
        for (; *text >= '0' && *text <= '9'; text++)
        {
            number = number < MaxParsed ? number * 10 + (nuint)(*text - '0') : number;
        }
        int shift = *text is (byte)'K' or (byte)'k' ? 10 : *text is (byte)'M' or (byte)'m' ? 20 : 0;
        text += shift != 0 ? 1 : 0;
        return *text == 0 ? number << shift : 0;
    }

    /// <summary>The hooks of workers made from now on.</summary>
    public static WorkerHooks Hooks
    {
        get
        {
            FutexMutex.LockStatic(ref s_lock);
            WorkerHooks hooks = s_hooks;
            FutexMutex.UnlockStatic(ref s_lock);
            return hooks;
        }
        set
        {
            FutexMutex.LockStatic(ref s_lock);
            s_hooks = value;
            FutexMutex.UnlockStatic(ref s_lock);
        }
    }

    public static void LockForFork() => FutexMutex.LockStatic(ref s_lock);

    public static void UnlockAfterFork() => FutexMutex.UnlockStatic(ref s_lock);

    /// <summary>Runs on the worker's thread before its first item.</summary>
    public static void Enter(WorkerPool* pool, WorkerHooks hooks, WorkerSignals signals)
    {
        if (signals.AreTaken)
        {
            PThread.BlockSignals(signals.Blocked);
        }
        PThread.SetName(pool->Wq->Name, pool->Cpu);
        if (!PThread.TrySetNice(WorkerNice))
        {
            ReportNiceSlow(pool->Wq->Name);
        }
        if (hooks.Start != null)
        {
            hooks.Start();
        }
    }

    /// <summary>Runs on the worker's thread after its last item.</summary>
    public static void Leave(WorkerHooks hooks)
    {
        if (hooks.Stop != null)
        {
            hooks.Stop();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReportNiceSlow(byte* name)
    {
        Report report = default;
        report.Text("workqueue: nice -5 not permitted for "u8);
        report.CString(name);
        Bug.Debug(ref report);
    }
}
