#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The examples in README.md are programs: each is extracted, compiled without a
# warning against this build, run, and judged by what it prints.
. "$(dirname "$0")/support/preamble.sh"

# example LANGUAGE: the first block of that language
example() {
	awk -v fence="\`\`\`$1" '$0 == "```" && on { exit } on { print } $0 == fence { on = 1 }' \
		"$source_dir/README.md"
}

example c >"$tmp/demo.c"
same "the C example has 30 lines at most" yes "$([ "$(wc -l <"$tmp/demo.c")" -le 30 ] && echo yes)"
same "the C example runs" "hello, world" "$(
	"$CC" -std=c11 -Wall -Wextra -Wpedantic -Werror "$tmp/demo.c" -o "$tmp/demo" \
		-I"$include" -L"$lib_dir" -lworkqueue -Wl,-rpath,"$lib_dir" 2>&1 &&
		"$tmp/demo" 2>&1
)"

# The project is outside the repository, so it takes nothing from Directory.Build.props; it
# refers to the assembly that the build of the interop tests has left.
mkdir "$tmp/demo_cs"
example csharp >"$tmp/demo_cs/Program.cs"
cat >"$tmp/demo_cs/demo.csproj" <<END
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
    <UseSharedCompilation>false</UseSharedCompilation>
    <NuGetAudit>false</NuGetAudit>
  </PropertyGroup>
  <ItemGroup>
    <Reference Include="$build/dotnet/bin/Workqueue.Interop/release/Workqueue.Interop.dll" />
  </ItemGroup>
</Project>
END
# The last line: the SDK has a word to say even when told to be quiet.
same "the C# example runs" done "$({
	MSBUILDDISABLENODEREUSE=1 dotnet build "$tmp/demo_cs" --nologo -v quiet 2>&1 &&
		WORKQUEUE_LIBRARY_DIR=$lib_dir dotnet "$tmp/demo_cs/bin/Debug/net10.0/demo.dll" 2>&1
} | tail -1)"

report
