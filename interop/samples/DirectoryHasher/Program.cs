// SPDX-License-Identifier: GPL-2.0-only
//
// DirectoryHasher [PATH...]: the SHA-256 of every file below each path, in the format of sha256sum and sorted by
// path. Each CPU's worth of hashing is a queue of one thread with one item, which takes files until there are none:
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
    private static async Task<int> Main(string[] paths)
    {
        ConcurrentQueue<string> files = new(paths.DefaultIfEmpty(".").SelectMany(FilesBelow));
        ConcurrentBag<(string Path, string Hash)> hashes = [];
        List<Hasher> hashers = [];
        for (int i = 0; i < Environment.ProcessorCount; i++)
            hashers.Add(new Hasher($"hash/{i}", files, hashes));
        try
        {
            await Task.WhenAll(hashers.Select(h => h.RunAsync()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"DirectoryHasher: {e.Message}");
            return 1;
        }
        finally
        {
            foreach (Hasher hasher in hashers)
                await hasher.DisposeAsync();
        }
        foreach ((string path, string hash) in hashes.OrderBy(h => h.Path, StringComparer.Ordinal))
            Console.WriteLine($"{hash}  {path}");
        return 0;
    }

    private static IEnumerable<string> FilesBelow(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
        : [path];

    /// <summary>One worker thread, and the item that runs on it.</summary>
    private sealed class Hasher : IAsyncDisposable
    {
        private readonly Workqueue _queue;
        private readonly WorkItem _item;

        public Hasher(string name, ConcurrentQueue<string> files, ConcurrentBag<(string Path, string Hash)> hashes)
        {
            _queue = Workqueue.CreateSingleThread(name);
            _item = WorkItem.Create(static s => HashAll(s.files, s.hashes), (files, hashes));
        }

        public Task RunAsync() => _item.RunAsync(_queue);

        public async ValueTask DisposeAsync()
        {
            await _item.DisposeAsync();
            await _queue.DisposeAsync();
        }

        private static void HashAll(ConcurrentQueue<string> files, ConcurrentBag<(string Path, string Hash)> hashes)
        {
            while (files.TryDequeue(out string? path))
            {
                using FileStream stream = File.OpenRead(path);
                hashes.Add((path, Convert.ToHexStringLower(SHA256.HashData(stream))));
            }
        }
    }
}
