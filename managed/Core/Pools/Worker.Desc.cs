// SPDX-License-Identifier: GPL-2.0-only
// What an item says about itself while it runs, for reports.
//
// The text is the worker's until the item ends: Described is on in Attention meanwhile, so
// items that say nothing pay nothing. An item that runs others inside itself keeps its text
// in their frame. Any thread may read the text at any time, as it always ends within its
// buffer; it may be half of one and half of the next. No locks. Kernel counterparts:
// set_worker_desc, print_worker_info.

using System.Runtime.CompilerServices;
using Wq.Base;

namespace Wq.Core;

internal unsafe struct WorkerDesc
{
    public const int SizeBytes = 32; // WORKER_DESC_LEN

    private fixed byte _text[SizeBytes]; // The last byte is always 0.

    public bool IsEmpty => _text[0] == 0;

    /// <summary>Copies as much of <paramref name="text"/> as there is room for.</summary>
    public static void Set(WorkerDesc* desc, byte* text)
    {
        int length = 0;
        while (length < SizeBytes - 1 && text[length] != 0)
        {
            desc->_text[length] = text[length];
            length++;
        }
        desc->_text[length] = 0;
    }

    public static void Append(ref Report report, WorkerDesc* desc) => report.CString(desc->_text);
}

internal unsafe partial struct Worker
{
    /// <summary>Describes the item that the calling worker is in; does nothing on other threads, and between items.</summary>
    public static void Describe(byte* text)
    {
        Worker* worker = CurrentWorker;
        if (worker != null && Atomic.Load(&worker->_current) != 0)
        {
            WorkerDesc.Set(&worker->_desc, text);
            Atomic.Or(&worker->_attention, Described);
        }
    }

    /// <summary>Appends " (text)" if the item that runs has described itself. For reports: the worker may be of any age.</summary>
    public static void AppendDesc(ref Report report, Worker* worker)
    {
        if ((Atomic.Load(&worker->_attention) & Described) != 0 && !worker->_desc.IsEmpty)
        {
            report.Text(" ("u8);
            WorkerDesc.Append(ref report, &worker->_desc);
            report.Text(")"u8);
        }
    }

    // The item has ended, or runs others inside itself.
    private static void ForgetDesc(Worker* worker)
    {
        worker->_desc = default;
        Atomic.And(&worker->_attention, ~Described);
    }

    private static void RestoreDesc(Worker* worker, WorkerDesc* desc)
    {
        worker->_desc = *desc;
        if (!desc->IsEmpty)
        {
            Atomic.Or(&worker->_attention, Described);
        }
    }
}
