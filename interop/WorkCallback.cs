// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Threading;
using System.Threading.Tasks;

namespace Workqueues;

/// <summary>
/// What an item calls, in one of the forms that the constructors take, and what its runs leave, kept here and not in
/// the item because workers write it.
/// </summary>
internal abstract unsafe class WorkCallback
{
    private volatile Exception? _lastException;
    private long _refusals; // low half: cancels that wait, and times disabled; high half: how many there have been
    private int _disables;

    /// <summary>Of the latest run that failed.</summary>
    internal Exception? LastException
    {
        get => _lastException;
        set => _lastException = value;
    }

    /// <summary>Ends the tasks that wait for the next run; null if there are none.</summary>
    internal TaskCompletionSource? NextRun;

    /// <summary>Told of a run that failed.</summary>
    internal event EventHandler<WorkItemFailedEventArgs>? Failed;

    /// <summary>Those that are to be told.</summary>
    internal EventHandler<WorkItemFailedEventArgs>? FailedHandlers => Failed;

    /// <summary>Changes with each refusal that begins or ends; the low half is 0 while there is none.</summary>
    internal long Refusals => Volatile.Read(ref _refusals);

    /// <summary>Told before the library refuses the item: a cancel waits, or it is disabled.</summary>
    internal void RefusalBegins() => Interlocked.Add(ref _refusals, (1L << 32) + 1);

    /// <summary>Told when that is over.</summary>
    internal void RefusalEnds() => Interlocked.Decrement(ref _refusals);

    /// <summary>Told before the item is disabled once more.</summary>
    internal void DisablingBegins()
    {
        RefusalBegins();
        Interlocked.Increment(ref _disables);
    }

    /// <summary>Told when the item has been enabled. More often than it was disabled counts for nothing.</summary>
    internal void DisablingEnds()
    {
        int old = Volatile.Read(ref _disables), seen;
        for (; old > 0; old = seen)
        {
            seen = Interlocked.CompareExchange(ref _disables, old - 1, old);
            if (seen != old)
                continue;
            RefusalEnds();
            return;
        }
    }

    /// <summary>Calls it. What it throws comes out.</summary>
    internal abstract void Invoke();

    /// <summary>Told before a cancel waits. What it throws comes out; it has taken effect all the same.</summary>
    internal virtual void CancelBegins()
    {
    }

    /// <summary>Told when the cancel has waited.</summary>
    internal virtual void CancelEnds()
    {
    }

    /// <summary>A delegate.</summary>
    internal sealed class Plain(Action callback) : WorkCallback
    {
        internal override void Invoke() => callback();
    }

    /// <summary>A delegate and its argument, which is not boxed.</summary>
    internal sealed class WithState<TState>(Action<TState> callback, TState state) : WorkCallback
    {
        internal override void Invoke() => callback(state);
    }

    /// <summary>A static method and a word for it.</summary>
    internal sealed class Function(delegate*<nint, void> function, nint argument) : WorkCallback
    {
        private readonly delegate*<nint, void> _function = function;

        internal override void Invoke() => _function(argument);
    }

    /// <summary>A delegate that is told when somebody cancels.</summary>
    internal sealed class WithToken(Action<CancellationToken> callback) : WorkCallback
    {
        private readonly Lock _cancelling = new();
        private CancellationTokenSource _source = new();
        private int _cancels; // that wait

        internal override void Invoke() => callback(Volatile.Read(ref _source).Token);

        internal override void CancelBegins()
        {
            CancellationTokenSource source;
            lock (_cancelling)
            {
                _cancels++;
                source = _source;
            }
            source.Cancel();
        }

        // Runs that begin while a cancel waits still have the cancelled token; later ones have a new one.
        internal override void CancelEnds()
        {
            lock (_cancelling)
            {
                if (--_cancels == 0)
                    Volatile.Write(ref _source, new CancellationTokenSource());
            }
        }
    }
}
