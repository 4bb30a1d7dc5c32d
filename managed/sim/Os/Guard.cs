// The frames that see a thread's stack unwound: nothing unwinds in a simulation.
// Stands in for the engine's file of the same name.

namespace Wq.Os;

internal static unsafe class Guard
{
    public static int CreateThread(nuint* thread, PThreadAttr* attr, ThreadFunc start,
        void* argument) =>
        Libc.pthread_create(thread, attr, start, argument);

    public static void* Call(ThreadFunc run, void* argument) => run(argument);

    public static void OnUnwind(delegate*<int, void> report)
    {
    }
}
