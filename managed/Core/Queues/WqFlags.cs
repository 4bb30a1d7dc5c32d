// SPDX-License-Identifier: GPL-2.0-only
namespace Wq.Core;

/// <summary>What a queue is asked to be when it is made.</summary>
[System.Flags]
internal enum WqFlags
{
    None = 0,
    SingleThread = 1, // One worker in all, bound to no CPU.
    Freezeable = 2,   // Stands still from freeze_workqueues_begin() to thaw_workqueues(); has one worker.
}
