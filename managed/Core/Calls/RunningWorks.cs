// SPDX-License-Identifier: GPL-2.0-only
// Which items the workers are at.
//
// A worker publishes an item in Current before it turns PENDING off. So a thread that has
// seen the item not pending, and looks here afterwards, finds it unless its run is over. That holds for a worker of any age: slots are never given back.
// Locks: none. Kernel counterpart: find_worker_executing_work, over all pools.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class RunningWorks
{
    /// <summary>Puts up to <paramref name="room"/> of them into <paramref name="works"/>, one for each worker that is at one.</summary>
    /// <returns>How many there are.</returns>
    public static int List(Work** works, int room)
    {
        Atomic.Fence(); // The caller's looks at PENDING before ours at Current; pairs with TryClaim.
        int nr = 0;
        Worker* worker;
        for (nuint i = 1; (worker = (Worker*)TypeStable.At(Worker.Slots, i)) != null; i++)
        {
            Work* work = Worker.WorkAtHand(worker);
            if (work != null && nr++ < room)
            {
                works[nr - 1] = work;
            }
        }
        return nr;
    }
}
