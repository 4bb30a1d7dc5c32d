// SPDX-License-Identifier: GPL-2.0-only
//
// DirectoryHasher [PATH...]: the SHA-256 of every file below each path, in the format of sha256sum and sorted by
// path. Links are not followed; a file that cannot be read is an error, and the others are hashed all the same;
// a directory that cannot be is the end. Each CPU's worth of hashing is a queue of one thread with one item, which takes files until there are none:
// on a single queue with a worker per CPU, items would all run on the CPU that queues them.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;

namespace Workqueues.Samples;

internal static class Program
{
    private static readonly EnumerationOptions s_below = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    private static async Task<int> Main(string[] paths)
    {
        ConcurrentBag<(string Path, string Hash)> hashes = [];
        ConcurrentBag<string> errors = [];
        List<Hasher> hashers = [];
        try
        {
            ConcurrentQueue<string> files = new(paths.DefaultIfEmpty(".").SelectMany(FilesBelow));
            for (int i = 0; i < Environment.ProcessorCount; i++)
                hashers.Add(new Hasher($"hash/{i}", files, hashes, errors));
            await Task.WhenAll(hashers.Select(h => h.RunAsync()));
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            errors.Add(e.Message);
        }
        foreach (Hasher hasher in hashers)
            await hasher.DisposeAsync();
        foreach ((string path, string hash) in hashes.OrderBy(h => h.Path, StringComparer.Ordinal))
            Console.WriteLine($"{hash}  {path}");
        foreach (string error in errors)
            Console.Error.WriteLine($"DirectoryHasher: {error}");
        return errors.IsEmpty ? 0 : 1;
    }

    private static IEnumerable<string> FilesBelow(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", s_below) : [path];

    private static bool IsOfFiles(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <summary>One worker thread, and the item that runs on it.</summary>
    private sealed class Hasher : IAsyncDisposable
    {
        private readonly Workqueue _queue;
        private readonly WorkItem _item;

        public Hasher(
            string name, ConcurrentQueue<string> files, ConcurrentBag<(string, string)> hashes, ConcurrentBag<string> errors)
        {
            _queue = Workqueue.CreateSingleThread(name);
            _item = WorkItem.Create(static s => HashAll(s.files, s.hashes, s.errors), (files, hashes, errors));
        }

        public Task RunAsync() => _item.RunAsync(_queue);

        public async ValueTask DisposeAsync()
        {
            await _item.DisposeAsync();
            await _queue.DisposeAsync();
        }

        private static void HashAll(
            ConcurrentQueue<string> files, ConcurrentBag<(string, string)> hashes, ConcurrentBag<string> errors)
        {
            while (files.TryDequeue(out string? path))
            {
                try
                {
                    using FileStream stream = File.OpenRead(path);
                    hashes.Add((path, Convert.ToHexStringLower(SHA256.HashData(stream))));
                }
                catch (Exception e) when (IsOfFiles(e))
                {
                    errors.Add(e.Message);
                }
            }
        }
    }
}
