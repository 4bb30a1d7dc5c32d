// SPDX-License-Identifier: GPL-2.0-only
// The C library's functions the engine calls, answered by the simulated kernel.
//
// Stands in for the engine's file of the same name, as far as the sources compiled here
// need it.

using Tmds.Linux;
using Wq.Sim;

namespace Wq.Os;

internal static unsafe class Libc
{
    private const long FutexNumberX64 = 202;
    private const long FutexNumberArm64 = 98;
    private const int FutexWake = 1 | 128;
    private const int FutexWaitBitset = 9 | 128;
    private const long SleepNumberX64 = 230; // clock_nanosleep
    private const long SleepNumberArm64 = 115;
    private const int MembarrierRegister = 1 << 4;
    private const ulong NsPerSecond = 1_000_000_000;

    public static Errno Errno
    {
        get => Machine.Current.Errno;
        set => Machine.Current.Errno = value;
    }

    public static int clock_gettime(int clock, long* timespec)
    {
        History.Event(1, isWrite: false);
        timespec[0] = Kernel.NowNs / (long)NsPerSecond;
        timespec[1] = Kernel.NowNs % (long)NsPerSecond;
        return 0;
    }

    public static long syscall(long number, void* a, long b, long c, void* d, void* e, long f)
    {
        if (number is FutexNumberX64 or FutexNumberArm64)
        {
            Kernel.FutexWait((int*)a, (int)c, b == FutexWaitBitset ? (long*)d : null);
            return 0;
        }
        if (number is SleepNumberX64 or SleepNumberArm64)
        {
            Kernel.SleepUntil((((long*)c)[0] * (long)NsPerSecond) + ((long*)c)[1]);
            return 0;
        }
        return (nint)a == MembarrierRegister ? Kernel.RegisterForMembarrier() : Kernel.Membarrier();
    }

    public static long syscall_short(long number, void* a, long b, long c, void* d, void* e, long f)
    {
        if (number is not (FutexNumberX64 or FutexNumberArm64))
        {
            return Machine.Current.Id + 1; // gettid
        }
        Kernel.FutexWake((int*)a, (int)c);
        return 0;
    }

    public static void* mmap(void* address, nuint length, int prot, int flags, int fd, long offset)
    {
        void* memory = Kernel.Refuses() ? null : Heap.Take(length);
        Errno = memory == null ? Errno.ENOMEM : Errno;
        return memory == null ? (void*)-1 : memory;
    }

    public static int munmap(void* address, nuint length) => 0;

    public static void* calloc(nuint count, nuint size)
    {
        void* memory = Kernel.Refuses() ? null : Heap.Take(count * size);
        Wheels.Allocated(memory, count * size);
        return memory;
    }

    public static void free(void* memory)
    {
    }

    public static int close(int fd) => 0;

    public static nint write(int fd, void* buffer, nuint count) => 0;

    public static int getpid() => 1;

    public static nuint pthread_self() => (nuint)Machine.Current.Id + 1;

    public static int pthread_detach(nuint thread) => 0;

    public static int timerfd_create(int clock, int flags) => Kernel.CreateTimer();

    public static int timerfd_settime(int fd, int flags, ulong* value, ulong* old)
    {
        return Kernel.SetTimer(fd, value[0], (value[2] * NsPerSecond) + value[3]);
    }

    public static int timerfd_gettime(int fd, ulong* value)
    {
        value[0] = Kernel.IntervalOf(fd);
        return fd < 0 ? -1 : 0;
    }

    public static nint read(int fd, void* buffer, nuint count)
    {
        Kernel.WaitForTimer(fd);
        return sizeof(ulong);
    }

    public static int prctl(int option, nuint a, nuint b, nuint c, nuint d) => 0;

    public static int setpriority(int which, int who, int priority) => 0;

    public static int sigfillset(sigset_t* set) => 0;

    public static int sigdelset(sigset_t* set, int signal) => 0;

    public static int pthread_attr_init(PThreadAttr* attr)
    {
        attr->Cpus = ulong.MaxValue;
        return 0;
    }

    public static int pthread_attr_setstacksize(PThreadAttr* attr, nuint bytes) => 0;

    public static int pthread_attr_setinheritsched(PThreadAttr* attr, int inherit) => 0;

    public static int sched_getscheduler(int tid) => 0;

    public static int getpriority(int which, int who) => 0;

    public static int sched_getaffinity(int tid, nuint size, byte* mask) => -1;

    public static int sched_setaffinity(int tid, nuint size, byte* mask) => -1;

    public static int pthread_sigmask(int how, sigset_t* set, sigset_t* old) => 0;

    public static byte* getenv(byte* name) => null;

    public static int pthread_attr_destroy(PThreadAttr* attr) => 0;

    public static int pthread_attr_setsigmask_np(PThreadAttr* attr, sigset_t* mask) => 0;

    public static int pthread_attr_setaffinity_np(PThreadAttr* attr, nuint size, byte* mask)
    {
        attr->Cpus = mask != null ? *(ulong*)mask : ulong.MaxValue;
        return 0;
    }

    public static int pthread_getaffinity_np(nuint thread, nuint size, byte* mask) => (int)Errno.EINVAL;

    public static int pthread_setcancelstate(int state, int* former) => 0;

    public static int pthread_setaffinity_np(nuint thread, nuint size, byte* mask) =>
        Kernel.BindThread(thread, *(ulong*)mask) ? 0 : (int)Errno.EINVAL;
}

/// <summary>What the engine asks of a thread to come.</summary>
internal struct PThreadAttr
{
    public ulong Cpus; // A bit each.
}
