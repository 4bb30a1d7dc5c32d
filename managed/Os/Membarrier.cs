// An asymmetric fence: free for the side that runs often, dear for the rare one.
//
// Light() on the frequent side and Heavy() on the rare one order a store and a
// load on each side as two full fences would. Heavy is membarrier(2), which
// makes every running thread of the process pass a full barrier. Where the
// kernel refuses it, Light is a full fence itself and Heavy too.
//
// Invariant: s_expedited is set before the first worker starts, then constant.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;

namespace Wq.Os;

internal static unsafe class Membarrier
{
    private const int PrivateExpedited = 1 << 3;
    private const int RegisterPrivateExpedited = 1 << 4;

    private static bool s_expedited;

    private static long Number =>
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 283 : 324;

    public static void Init() => s_expedited = Call(RegisterPrivateExpedited);

    /// <summary>Pairs with Heavy: the store before it and the load after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Light()
    {
        if (!s_expedited)
        {
            Atomic.Fence();
        }
    }

    /// <summary>Pairs with every Light of the process.</summary>
    public static void Heavy()
    {
        if (!s_expedited)
        {
            Atomic.Fence();
        }
        else if (!Call(PrivateExpedited))
        {
            Bug.Die("membarrier() worked and is refused now"u8); // Others have left out their fences.
        }
    }

    private static bool Call(int command) =>
        Libc.syscall(Number, (void*)command, 0, 0, null, null, 0) == 0;
}
