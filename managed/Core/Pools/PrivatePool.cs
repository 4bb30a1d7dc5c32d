// SPDX-License-Identifier: GPL-2.0-only
// A pool of a classic queue: the case of one link and one worker.
//
// It is named after its queue, and its worker works for the link from the start: what
// its start hook does, it does as the queue's worker. No locks.

namespace Wq.Core;

internal static unsafe class PrivatePool
{
    /// <summary>A link of the queue and the link's pool, which has no worker yet; null if there is no room.</summary>
    /// <param name="cpu">-1 for an unbound pool.</param>
    public static PoolWorkqueue* Create(Workqueue* wq, int cpu)
    {
        WorkerPool* pool = WorkerPool.Create(wq->Name, cpu);
        if (pool == null)
        {
            return null;
        }
        PoolWorkqueue* pwq = PoolWorkqueue.Create(wq, pool, cpu, PoolWorkqueue.Unlimited);
        if (pwq == null)
        {
            WorkerPool.Free(pool);
            return null;
        }
        pool->Link = pwq->Word;
        return pwq;
    }

    /// <summary>Frees a queue's links, and their pools if they are private: those have no workers any more.</summary>
    public static void FreeAll(PoolWorkqueue* first)
    {
        while (first != null)
        {
            PoolWorkqueue* next = first->Next;
            if (first->IsShared)
            {
                WorkerPool.FreeLink(first);
            }
            else
            {
                WorkerPool.Free(first->Pool);
                PoolWorkqueue.Free(first);
            }
            first = next;
        }
    }
}
