#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The NuGet package serves a new project outside the repository, under the JIT and compiled ahead of
# time: nothing is set but a folder to find the package in.
. "$(dirname "$0")/../../native/tests/support/preamble.sh"
unset WORKQUEUE_LIBRARY_DIR
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
# The program that a project makes looks for the runtime here.
: "${DOTNET_ROOT:=$(dirname "$(readlink -f "$(command -v dotnet)")")}"
export DOTNET_ROOT

cmake --build "$build" --target pack >"$tmp/pack.log" 2>&1 || cat "$tmp/pack.log"
package=$(ls "$build"/packages/Workqueue.Interop.*.nupkg)
version=${package##*/Workqueue.Interop.}
version=${version%.nupkg}
content=$(unzip -Z1 "$package" 2>/dev/null || python3 -m zipfile -l "$package" | awk '{ print $1 }')
for file in runtimes/linux-x64/native/libworkqueue.so.1 lib/net10.0/Workqueue.Interop.dll \
	lib/net10.0/Workqueue.Interop.xml README.md; do
	same "the package has $file" "$file" "$(printf '%s\n' "$content" | grep -xF "$file")"
done
same "there is a package of symbols" yes "$([ -f "${package%.nupkg}.snupkg" ] && echo yes)"

# Sources and packages of the machine stay in use; what is restored goes to a folder of its own.
mkdir "$tmp/app"
cat >"$tmp/app/NuGet.config" <<END
<configuration>
  <config>
    <add key="globalPackagesFolder" value="$tmp/packages" />
  </config>
  <fallbackPackageFolders>
    <add key="machine" value="${NUGET_PACKAGES:-$HOME/.nuget/packages}" />
  </fallbackPackageFolders>
  <packageSources>
    <add key="workqueue" value="$build/packages" />
  </packageSources>
</configuration>
END
cat >"$tmp/app/app.csproj" <<END
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
    <UseSharedCompilation>false</UseSharedCompilation>
    <NuGetAudit>false</NuGetAudit>
    <CppCompilerAndLinker>gcc</CppCompilerAndLinker>
  </PropertyGroup>
</Project>
END
cat >"$tmp/app/Program.cs" <<'END'
using System;
using System.Threading.Tasks;
using Workqueues;

int runs = 0;
await using Workqueue queue = Workqueue.CreateSingleThread("package");
await using var item = new WorkItem(() => runs++);
await using var delayed = new DelayedWorkItem(() => runs++);
await item.RunAsync(queue);
Task run = delayed.WaitForRunAsync();
delayed.Schedule(queue, TimeSpan.FromMilliseconds(5));
await run;
int answer = await Task.Factory.StartNew(() => 42, default, default, new WorkqueueTaskScheduler(queue));
using var bad = new WorkItem(() => throw new FormatException());
bad.TryQueue(queue);
queue.Flush();
GC.Collect();
bool jit = System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported;
Console.WriteLine($"{(jit ? "jit" : "aot")} {runs} {answer} {bad.LastException?.GetType().Name}");
END

cd "$tmp/app" || exit 1
same "dotnet add package takes it" 0 "$({
	dotnet add app.csproj package Workqueue.Interop --version "$version" >"$tmp/add.log" 2>&1
	echo $?
	grep -q "Include=\"Workqueue.Interop\"" app.csproj || cat "$tmp/add.log"
})"
same "a project with the package runs under the JIT" "jit 2 42 FormatException" "$({
	dotnet build app.csproj -c Release -o "$tmp/jit" --nologo -v quiet >"$tmp/jit.log" 2>&1 || cat "$tmp/jit.log"
	"$tmp/jit/app" 2>&1
} | tail -1)"
same "and compiled ahead of time" "aot 2 42 FormatException" "$({
	dotnet publish app.csproj -c Release -r linux-x64 -o "$tmp/aot" -p:PublishAot=true --nologo \
		-v quiet >"$tmp/aot.log" 2>&1 || cat "$tmp/aot.log"
	"$tmp/aot/app" 2>&1
} | tail -1)"
same "the library that was built is beside the program" yes "$(cmp -s "$lib" "$tmp/aot/libworkqueue.so.1" && echo yes)"

report
