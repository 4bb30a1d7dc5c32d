// SPDX-License-Identifier: GPL-2.0-only
// The C library's functions the engine calls, and nothing else.
//
// Some calls that never block leave out the runtime's transition. All others keep it. It
// does nothing in the library, which has no runtime, but it lets xunit run parts of the
// engine under CoreCLR. Constants come from Tmds.LibC where it has them.

using System.Runtime.InteropServices;
using Tmds.Linux;

namespace Wq.Os;

internal static unsafe class Libc
{
    private const nint AtFdCwd = -100;

    private static bool IsArm64 => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    [DllImport("libc"), SuppressGCTransition]
    public static extern int sched_getcpu();

    [DllImport("libc"), SuppressGCTransition]
    public static extern int clock_gettime(int clock, long* timespec);

    [DllImport("libc")]
    public static extern int sched_yield();

    [DllImport("libc"), SuppressGCTransition]
    public static extern int* __errno_location();

    /// <summary>syscall(2) for calls that may block.</summary>
    [DllImport("libc")]
    public static extern long syscall(long number, void* a, long b, long c, void* d, void* e, long f);

    /// <summary>syscall(2) for calls that return at once.</summary>
    [DllImport("libc", EntryPoint = "syscall"), SuppressGCTransition]
    public static extern long syscall_short(long number, void* a, long b, long c, void* d, void* e, long f);

    // Not by the C library's functions, which are cancellation points: pthread_cancel() would unwind the engine's
    // frames while it holds locks, or has a waiter on a list.

    public static int open(byte* path, int flags, int mode) =>
        (int)syscall(IsArm64 ? 56 : 257, (void*)AtFdCwd, (long)path, flags, (void*)mode, null, 0); // openat

    public static nint read(int fd, void* buffer, nuint count) =>
        (nint)syscall(IsArm64 ? 63 : 0, (void*)fd, (long)buffer, (long)count, null, null, 0);

    public static nint write(int fd, void* buffer, nuint count) =>
        (nint)syscall(IsArm64 ? 64 : 1, (void*)fd, (long)buffer, (long)count, null, null, 0);

    public static int close(int fd) => (int)syscall(IsArm64 ? 57 : 3, (void*)fd, 0, 0, null, null, 0);

    public static nint recv(int fd, void* buffer, nuint size, int flags) =>
        (nint)syscall(IsArm64 ? 207 : 45, (void*)fd, (long)buffer, (long)size, (void*)flags, null, 0); // recvfrom

    /// <summary>poll without a limit of time.</summary>
    public static int poll(PollFd* fds, ulong nr) =>
        (int)syscall(IsArm64 ? 73 : 271, fds, (long)nr, 0, null, null, 0); // ppoll

    [DllImport("libc"), SuppressGCTransition]
    public static extern int pthread_setcancelstate(int state, int* former);

    [DllImport("libc")]
    public static extern void* mmap(void* address, nuint length, int prot, int flags, int fd, long offset);

    [DllImport("libc")]
    public static extern int munmap(void* address, nuint length);

    [DllImport("libc")]
    public static extern void* calloc(nuint count, nuint size);

    [DllImport("libc")]
    public static extern void free(void* memory);

    [DllImport("libc")]
    public static extern int timerfd_create(int clock, int flags);

    [DllImport("libc")]
    public static extern int timerfd_settime(int fd, int flags, ulong* value, ulong* old);

    [DllImport("libc")]
    public static extern int timerfd_gettime(int fd, ulong* value);

    [DllImport("libc"), SuppressGCTransition]
    public static extern nuint pthread_self();

    [DllImport("libc"), SuppressGCTransition]
    public static extern int pthread_detach(nuint thread);

    [DllImport("libc"), SuppressGCTransition]
    public static extern int getpid();

    [DllImport("libc")]
    public static extern byte* getenv(byte* name);

    [DllImport("libc")]
    public static extern void abort();

    [DllImport("libc")]
    public static extern int dladdr(void* address, DlInfo* info);

    [DllImport("libc")]
    public static extern int backtrace(void** frames, int nr);

    [DllImport("libc")]
    public static extern int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [DllImport("libc")]
    public static extern int setpriority(int which, int who, int priority);

    [DllImport("libc")]
    public static extern int sigfillset(sigset_t* set);

    [DllImport("libc")]
    public static extern int sigdelset(sigset_t* set, int signal);

    [DllImport("libc")]
    public static extern int pthread_attr_init(PThreadAttr* attr);

    [DllImport("libc")]
    public static extern int pthread_attr_destroy(PThreadAttr* attr);

    [DllImport("libc")]
    public static extern int pthread_attr_setsigmask_np(PThreadAttr* attr, sigset_t* mask);

    [DllImport("libc")]
    public static extern int pthread_attr_setinheritsched(PThreadAttr* attr, int inherit);

    /// <summary>Of the thread with that kernel id; 0 is the caller.</summary>
    [DllImport("libc")]
    public static extern int sched_getscheduler(int tid);

    [DllImport("libc")]
    public static extern int pthread_attr_setaffinity_np(PThreadAttr* attr, nuint size, byte* mask);

    [DllImport("libc")]
    public static extern int pthread_getaffinity_np(nuint thread, nuint size, byte* mask);

    [DllImport("libc")]
    public static extern int pthread_setaffinity_np(nuint thread, nuint size, byte* mask);

    /// <summary>Of the thread with that kernel id; 0 is the caller.</summary>
    [DllImport("libc")]
    public static extern int sched_getaffinity(int tid, nuint size, byte* mask);

    /// <summary>Of the thread with that kernel id; 0 is the caller.</summary>
    [DllImport("libc")]
    public static extern int sched_setaffinity(int tid, nuint size, byte* mask);

    [DllImport("libc")]
    public static extern int socket(int domain, int type, int protocol);

    [DllImport("libc")]
    public static extern int bind(int fd, void* address, int size);

    [DllImport("libc")]
    public static extern int getsockname(int fd, void* address, int* size);

    [DllImport("libc")]
    public static extern int pthread_attr_setstacksize(PThreadAttr* attr, nuint bytes);

    [DllImport("libc")]
    public static extern int pthread_sigmask(int how, sigset_t* set, sigset_t* old);

    [DllImport("libc")]
    public static extern int getpriority(int which, int who);

    public static Errno Errno
    {
        get => (Errno)(*__errno_location());
        set => *__errno_location() = (int)value;
    }
}

/// <summary>Dl_info of dlfcn.h.</summary>
internal unsafe struct DlInfo
{
    public byte* FileName;
    public void* FileBase;
    public byte* SymbolName;
    public void* SymbolAddress;
}

/// <summary>struct pollfd of poll.h.</summary>
internal struct PollFd
{
    public const short POLLIN = 1;

    public int Fd; // Negative: ignored.
    public short Events;
    public short Revents;
}

/// <summary>pthread_attr_t: 56 bytes on x64, 64 on arm64.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct PThreadAttr
{
    private ulong _align;
}
