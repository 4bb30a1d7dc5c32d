// The frames that see a thread's stack unwound: nothing unwinds in a simulation.
// Stands in for the engine's file of the same name.

namespace Wq.Os;

internal static unsafe class Guard
{
    public static int CreateThread(nuint* thread, PThreadAttr* attr, delegate* unmanaged<void*, void*> start,
        void* argument) =>
        Libc.pthread_create(thread, attr, start, argument);

    public static void* Call(delegate* unmanaged<void*, void*> run, void* argument) => run(argument);

    public static void OnUnwind(delegate* unmanaged<int, void> report)
    {
    }
}
