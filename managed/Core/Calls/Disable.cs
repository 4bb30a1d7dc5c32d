// SPDX-License-Identifier: GPL-2.0-only
// An item that refuses to be queued, until it is enabled as often as it was disabled.
//
// How often is in the item's word, where no worker's number is: while it is idle, and while a
// canceller that waits has it. Invariant: a pending item is not disabled. So queueing looks at
// PENDING and the depth at once; and a pending item that is taken back is disabled as it
// becomes idle, so that one call takes back one queueing at most.
//
// The word of an item in a canceller's hands is changed under the lock of the pool that it
// names, so that it is seen there that this canceller waits: one that does not might put
// back the word that it met (Cancel).
//
// Kernel counterparts: disable_work, disable_work_sync, enable_work, work_offqd_disable.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class Disable
{
    /// <summary>Disables the item once more, and takes it back if it is pending. Waits for no run.</summary>
    /// <returns>True if it was pending.</returns>
    /// <param name="was">The word that it had before.</param>
    public static bool DisableWork(Work* work, out WorkWord was)
    {
        Backoff backoff = default;
        bool wasPending = false;
        while (true)
        {
            WorkWord word = was = Work.WordOf(work);
            if (word.IsPending && Cancel.IsOfParent(word))
            {
                wasPending |= Cancel.TakeFromParent(work);
            }
            else if (word.IsPending && !word.IsCanceling && Cancel.TryTakeBack(work, word, Then.Disable, out was))
            {
                return true;
            }
            else if (word.IsDisableable && (word.Depth == WorkWord.MaxDepth || TryChange(work, word, 1)))
            {
                ReportIf(word.Depth == WorkWord.MaxDepth, work, "over"u8);
                return wasPending;
            }
            else
            {
                backoff.Pause(); // A few instructions of the thread that has it.
            }
        }
    }

    /// <summary>DisableWork; when it returns the item is not running either. Blocks.</summary>
    /// <returns>True if it was pending.</returns>
    public static bool DisableWorkSync(Work* work, WaitCall call)
    {
        Fork.Settle();
        bool self = Worker.IsInside(work);
        if (Checks.IsOn(Checks.Waits))
        {
            WaitCheck.BeforeCancel(work, call, self);
        }
        if (self)
        {
            Cancel.ReportSelf(work, call);
        }
        bool wasPending = DisableWork(work, out WorkWord was);
        if (!Cancel.IsOfParent(was))
        {
            Cancel.WaitOnWork(work, Worker.LastPwq(work, was), call);
            Watcher.Acquire(work);
        }
        return wasPending;
    }

    /// <summary>Takes one disabling back.</summary>
    /// <returns>True if the item may be queued now.</returns>
    public static bool EnableWork(Work* work)
    {
        Backoff backoff = default;
        while (true)
        {
            WorkWord word = Work.WordOf(work);
            bool isDisabled = word.IsDisableable && word.Depth != 0;
            if (isDisabled && TryChange(work, word, -1))
            {
                return word.Depth == 1;
            }
            if (!isDisabled && (!word.IsCanceling || Cancel.IsBeingCancelled(work, word)))
            {
                ReportIf(true, work, "under"u8);
                return false;
            }
            backoff.Pause();
        }
    }

    private static bool TryChange(Work* work, WorkWord word, int by)
    {
        PoolWorkqueue* pwq = word.IsCanceling ? PoolWorkqueue.Of(word) : null;
        WorkerPool* pool = pwq != null ? pwq->Pool : null;
        if (pool == null)
        {
            return Work.TryChangeDepth(work, word, by); // Nobody puts back a word that names a worker, or nothing.
        }
        FutexMutex.Lock(&pool->Lock);
        bool isSame = pwq->Pool == pool && Work.TryChangeDepth(work, word, by);
        FutexMutex.Unlock(&pool->Lock);
        return isSame;
    }

    private static void ReportIf(bool isMisuse, Work* work, System.ReadOnlySpan<byte> direction)
    {
        if (!isMisuse)
        {
            return;
        }
        Report report = default;
        report.Text("workqueue: work disable count "u8);
        report.Text(direction);
        report.Text("flowed: item of "u8);
        Bug.AppendSymbol(ref report, work->Func);
        Bug.Refuse(ref report);
    }
}
