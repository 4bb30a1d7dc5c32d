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
