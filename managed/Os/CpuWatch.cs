// Which CPUs the process may run on now, and a thread that notices when that changes.
//
// Nobody tells a process that its CPUs have changed, and its main thread may have
// bound itself. So the answer is the affinity of a thread of our own that nobody
// binds: a CPU set that shrinks or a CPU taken offline narrows it, taskset on all
// threads sets it. While there is no such thread, it is what the process was given.
//
// The thread sleeps until the kernel announces a CPU, on a socket, or somebody has
// met a sign of a change (Suspect: a worker off its CPU, a caller on a CPU without a
// worker). Signs arm a timer rather than write to a pipe: setting a descriptor that
// the program has closed and opened as something else does no harm. Signs that turn
// out to mean nothing are looked into ever more seldom. Nothing ticks.
//
// Invariant: s_armed is 1 from the sign until the thread begins to look. No locks;
// Start and Abandon are called one at a time. Kernel counterpart: the calls of
// cpu_up() and cpu_down() into their notifiers.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tmds.Linux;
using Wq.Base;

namespace Wq.Os;

internal static unsafe class CpuWatch
{
    private const ulong MinQuietNs = 100_000_000;
    private const ulong MaxQuietNs = 6_400_000_000;
    private const int None = -1;
    private const int Gone = -1; // For s_tid: the thread has ended.

    private static delegate*<bool> s_onSign; // I: before the thread starts
    private static int s_tid;           // A: of the thread, once its affinity is the process's; 0 before, Gone after
    private static int s_signs = None;  // I: a timerfd
    private static int s_events = None; // I: a netlink socket, or None
    private static int s_armed;         // A:
    private static ulong s_lookedAtNs;  // A: when signs were last looked into
    private static ulong s_quietNs;     // A: how long after that they are left alone

    /// <summary>Starts the thread unless there is one.</summary>
    /// <param name="onSign">Called on the thread for each sign; returns whether something had changed.</param>
    /// <returns>0, or the errno value that says why there is none.</returns>
    public static int Start(delegate*<bool> onSign)
    {
        if (s_signs != None)
        {
            return 0;
        }
        int signs = TimerFd.Create();
        if (signs < 0)
        {
            return Libc.Errno;
        }
        s_onSign = onSign;
        s_signs = signs;
        s_events = OpenEvents();
        s_quietNs = MinQuietNs;
        nuint thread;
        CpuMask all;
        Unsafe.InitBlock(&all, 0xff, CpuMask.SizeBytes);
        int error = PThread.Create(&thread, &all, &Run, null); // As many as its CPU set has.
        if (error != 0)
        {
            Close();
        }
        return error;
    }

    /// <summary>The CPUs the process may run on now. Never empty.</summary>
    public static void Allowed(CpuMask* mask)
    {
        int tid = s_tid;
        *mask = default;
        if (tid <= 0 || Libc.sched_getaffinity(tid, CpuMask.SizeBytes, mask->Bits) != 0 || mask->Count == 0)
        {
            Cpus.Given(mask);
        }
    }

    /// <summary>After Start: waits the moment until Allowed has the thread to ask. Blocks.</summary>
    public static void AwaitReady()
    {
        fixed (int* tid = &s_tid)
        {
            while (s_signs != None && Atomic.Load(tid) == 0)
            {
                Futex.Wait(tid, 0);
            }
        }
    }

    /// <summary>Has the thread look at the process's CPUs, soon. Never blocks; mostly one load.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Suspect()
    {
        fixed (int* armed = &s_armed)
        {
            if (s_tid > 0 && Atomic.Load(armed) == 0 && Atomic.Exchange(armed, 1) == 0)
            {
                TimerFd.TrySet(s_signs, s_lookedAtNs + s_quietNs);
            }
        }
    }

    /// <summary>In a forked child, which has not got the thread.</summary>
    public static void Abandon()
    {
        if (s_signs != None)
        {
            Close();
        }
        s_tid = 0;
        s_armed = 0;
    }

    private static void Close()
    {
        Libc.close(s_signs);
        s_signs = None;
        if (s_events != None)
        {
            Libc.close(s_events);
            s_events = None;
        }
    }

    // A socket that hears the kernel's uevents. Not given to everybody: in a container there may be none.
    private static int OpenEvents()
    {
        const int Netlink = 16, Raw = 3, CloseOnExec = 0x80000, NonBlock = 0x800, KobjectUevent = 15;
        int fd = Libc.socket(Netlink, Raw | CloseOnExec | NonBlock, KobjectUevent);
        if (fd < 0)
        {
            return None;
        }
        uint* address = stackalloc uint[3]; // struct sockaddr_nl: family, port, groups
        address[0] = Netlink;
        address[1] = 0;
        address[2] = 1; // What the kernel says, not what udev makes of it.
        if (Libc.bind(fd, address, 3 * sizeof(uint)) == 0)
        {
            return fd;
        }
        Libc.close(fd);
        return None;
    }

    [UnmanagedCallersOnly]
    private static void* Run(void* argument)
    {
        Report name = default;
        name.Text("wq-cpus"u8);
        PThread.SetName(ref name);
        TakeAffinityOfProcess();
        fixed (int* tid = &s_tid)
        {
            Atomic.Store(tid, Libc.gettid());
            Futex.Wake(tid, int.MaxValue);
        }
        PollFd* fds = stackalloc PollFd[2];
        fds[0].Fd = s_signs;
        fds[1].Fd = s_events;
        while (fds[0].Fd >= 0)
        {
            fds[0].Events = fds[1].Events = PollFd.POLLIN;
            if (Libc.poll(fds, 2, -1) > 0 && TakeSigns(&fds[0]) | TakeEvents(&fds[1]))
            {
                Look();
            }
        }
        fixed (int* tid = &s_tid)
        {
            Atomic.Store(tid, Gone); // The program has closed our files: what it may use is not followed any more.
        }
        return null;
    }

    // With all that its CPU set has, the thread follows the set when it grows. But if the process was given
    // less, somebody has confined it, and so are we.
    private static void TakeAffinityOfProcess()
    {
        CpuMask given;
        Cpus.Given(&given);
        CpuMask own = default;
        Libc.sched_getaffinity(0, CpuMask.SizeBytes, own.Bits);
        if (own.Includes(&given) && !CpuMask.AreEqual(&own, &given))
        {
            Libc.sched_setaffinity(0, CpuMask.SizeBytes, given.Bits);
        }
    }

    // A descriptor that is not good any more is dropped.
    private static bool IsReady(PollFd* fd)
    {
        if ((fd->Revents & ~PollFd.POLLIN) != 0)
        {
            fd->Fd = None;
        }
        return fd->Revents == PollFd.POLLIN;
    }

    private static bool TakeSigns(PollFd* fd)
    {
        bool any = IsReady(fd);
        if (any)
        {
            TimerFd.Wait(fd->Fd);
        }
        return any;
    }

    private static bool TakeEvents(PollFd* fd)
    {
        const int Size = 4096;
        byte* text = stackalloc byte[Size];
        bool any = false;
        nint length = IsReady(fd) ? Libc.recv(fd->Fd, text, Size, 0) : 0;
        while (length > 0)
        {
            any |= new ReadOnlySpan<byte>(text, (int)length).IndexOf("/devices/system/cpu/cpu"u8) >= 0;
            length = Libc.recv(fd->Fd, text, Size, 0);
        }
        return any;
    }

    private static void Look()
    {
        fixed (int* armed = &s_armed)
        {
            Atomic.Exchange(armed, 0); // What is met from here on is a new sign.
        }
        bool changed = s_onSign();
        s_quietNs = changed ? MinQuietNs : ulong.Min(s_quietNs * 2, MaxQuietNs);
        s_lookedAtNs = (ulong)Clock.NowNs();
    }
}
