// SPDX-License-Identifier: GPL-2.0-only
//
// DebouncedWatcher DIRECTORY [QUIET_MS]: says once how many files have changed when a burst of changes is over, that
// is when nothing has changed for a while. Every change puts the delayed item's deadline off. SIGTERM or SIGINT ends
// it.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;

namespace Workqueues.Samples;

internal static class Program
{
    private static int Main(string[] args)
    {
        int quietMs = 200;
        if (args.Length is 0 or > 2 || !Directory.Exists(args[0])
            || (args.Length > 1 && !int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out quietMs)))
        {
            Console.Error.WriteLine("usage: DebouncedWatcher DIRECTORY [QUIET_MS]");
            return 2;
        }
        using ManualResetEventSlim end = new();
        using PosixSignalRegistration term = EndOn(PosixSignal.SIGTERM, end);
        using PosixSignalRegistration interrupt = EndOn(PosixSignal.SIGINT, end);
        using (new Watcher(args[0], TimeSpan.FromMilliseconds(quietMs)))
        {
            Console.WriteLine("watching");
            end.Wait();
        }
        return 0;
    }

    private static PosixSignalRegistration EndOn(PosixSignal signal, ManualResetEventSlim end) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true; // the program ends by itself, in order
            end.Set();
        });

    /// <summary>Collects changes until they pause.</summary>
    private sealed class Watcher : IDisposable
    {
        private readonly Workqueue _queue = Workqueue.CreateSingleThread("watcher");
        private readonly HashSet<string> _changed = [];
        private readonly FileSystemWatcher _files;
        private readonly DelayedWorkItem _report;
        private readonly TimeSpan _quiet;

        public Watcher(string directory, TimeSpan quiet)
        {
            _quiet = quiet;
            _report = new DelayedWorkItem(Report);
            _files = new FileSystemWatcher(directory);
            _files.Created += (_, e) => Changed(e.FullPath);
            _files.Changed += (_, e) => Changed(e.FullPath);
            _files.Deleted += (_, e) => Changed(e.FullPath);
            _files.Renamed += (_, e) => Changed(e.OldFullPath, e.FullPath); // how many editors save
            _files.Error += (_, e) => Console.Error.WriteLine($"changes were missed: {e.GetException().Message}");
            _files.EnableRaisingEvents = true;
        }

        public void Dispose()
        {
            _files.Dispose();
            _report.Dispose();
            _queue.Dispose();
        }

        private void Changed(params ReadOnlySpan<string> paths)
        {
            lock (_changed)
            {
                foreach (string path in paths)
                    _changed.Add(path);
            }
            _report.Reschedule(_queue, _quiet);
        }

        private void Report()
        {
            int count;
            lock (_changed)
            {
                count = _changed.Count;
                _changed.Clear();
            }
            if (count > 0)
                Console.WriteLine($"changed: {count}");
        }
    }
}
