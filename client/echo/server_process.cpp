#include "server_process.h"

#include "connection.h"
#include "options.h"

#include <iphlpapi.h>
#include <psapi.h>
#include <tlhelp32.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <string_view>

namespace echo
{
namespace
{
std::string Utf8(const std::filesystem::path& path)
{
	const std::u8string text = path.u8string();
	return { text.begin(), text.end() };
}

[[noreturn]] void Fail(const char* call)
{
	const DWORD error = GetLastError();
	throw std::runtime_error(std::string(call) + ": error " + std::to_string(error));
}

// One argument so that the program's C runtime reads it back as it is: backslashes are doubled
// before a quote, and there only (Microsoft: "main function and command-line arguments").
std::wstring Quote(const std::wstring& argument)
{
	std::wstring quoted = L"\"";
	std::size_t backslashes = 0;
	for (const wchar_t c : argument)
	{
		if (c == L'"')
			quoted.append(backslashes + 1, L'\\');
		backslashes = c == L'\\' ? backslashes + 1 : 0;
		quoted += c;
	}
	quoted.append(backslashes, L'\\');
	return quoted + L'"';
}

// An empty file that a child can inherit, and that is deleted when its last handle closes. What is
// written goes to its end, wherever it is read: the access is to append, not to write.
UniqueHandle OpenOutputFile()
{
	wchar_t folder[MAX_PATH + 1];
	wchar_t path[MAX_PATH + 1];
	if (GetTempPathW(MAX_PATH + 1, folder) == 0 || GetTempFileNameW(folder, L"ech", 0, path) == 0)
		Fail("GetTempFileName()");
	SECURITY_ATTRIBUTES inherited{ sizeof(inherited), nullptr, TRUE };
	constexpr DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
	UniqueHandle file(CreateFileW(path, GENERIC_READ | FILE_APPEND_DATA | DELETE, share, &inherited,
		OPEN_EXISTING, FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, nullptr));
	if (file.get() == INVALID_HANDLE_VALUE)
		Fail("CreateFile(temporary file)");
	return file;
}

std::uint64_t Size(HANDLE file)
{
	LARGE_INTEGER size{};
	GetFileSizeEx(file, &size);
	return static_cast<std::uint64_t>(size.QuadPart);
}

std::string ReadAll(HANDLE file)
{
	std::string text(static_cast<std::size_t>(Size(file)), '\0');
	OVERLAPPED start{}; // reads at a place of its own, whatever the file pointer is
	DWORD count = 0;
	ReadFile(file, text.data(), static_cast<DWORD>(text.size()), &count, &start);
	text.resize(count);
	return text;
}

// A job whose processes end with its last handle: with this program at the latest.
UniqueHandle CreateKillingJob()
{
	UniqueHandle job(CreateJobObjectW(nullptr, nullptr));
	if (job.get() == nullptr)
		Fail("CreateJobObject()");
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
	limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
	constexpr JOBOBJECTINFOCLASS kind = JobObjectExtendedLimitInformation;
	if (!SetInformationJobObject(job.get(), kind, &limits, sizeof(limits)))
		Fail("SetInformationJobObject()");
	return job;
}

// Starts the program, suspended, with these standard handles. It inherits them and no others: two
// servers started at the same time must not hold each other's files open.
PROCESS_INFORMATION Start(const std::filesystem::path& executable, std::wstring commandLine,
	std::array<HANDLE, 3> handles)
{
	SIZE_T size = 0;
	InitializeProcThreadAttributeList(nullptr, 1, 0, &size); // fails, and tells the size
	std::vector<char> memory(size);
	STARTUPINFOEXW startup{};
	startup.lpAttributeList = reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory.data());
	if (!InitializeProcThreadAttributeList(startup.lpAttributeList, 1, 0, &size))
		Fail("InitializeProcThreadAttributeList()");
	if (!UpdateProcThreadAttribute(startup.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
			handles.data(), sizeof(handles), nullptr, nullptr))
		Fail("UpdateProcThreadAttribute()");
	startup.StartupInfo.cb = sizeof(startup);
	startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
	startup.StartupInfo.hStdInput = handles[0];
	startup.StartupInfo.hStdOutput = handles[1];
	startup.StartupInfo.hStdError = handles[2];

	// The child takes over this mode: a dialog box would wait for a click that never comes. (Wine 8
	// asks nobody and starts its debugger; WINEDLLOVERRIDES="winedbg.exe=" keeps it from that.)
	const UINT oldMode =
		SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
	// Suspended, so that it cannot start a process of its own before it is in the job. Detached: a
	// console, even one without a window, is one more process per server (conhost), and took half
	// of the start-up time under Wine.
	constexpr DWORD flags = CREATE_SUSPENDED | DETACHED_PROCESS | EXTENDED_STARTUPINFO_PRESENT;
	PROCESS_INFORMATION created{};
	const BOOL started = CreateProcessW(executable.c_str(), commandLine.data(), nullptr, nullptr,
		TRUE, flags, nullptr, nullptr, &startup.StartupInfo, &created);
	const DWORD error = GetLastError();
	SetErrorMode(oldMode);
	DeleteProcThreadAttributeList(startup.lpAttributeList);
	if (!started)
		throw std::runtime_error("cannot start '" + Utf8(executable.filename()) + "': error " +
			std::to_string(error) +
			(error == ERROR_BAD_EXE_FORMAT ? " (no program for this system)" : ""));
	return created;
}

// The port of the Listening line once the whole of it stands in `output`, else 0.
std::uint16_t ListeningPort(const std::string& output)
{
	const std::size_t line = output.find("Listening: IP=");
	const std::size_t port = output.find(", port=", line);
	const std::size_t end = output.find_first_of("\r\n", line);
	if (line == std::string::npos || end == std::string::npos || port > end)
		return 0;
	const auto text = std::string_view(output).substr(port + 7, end - port - 7);
	return static_cast<std::uint16_t>(ParseNumber(text, 1, 65535).value_or(0));
}

} // namespace

std::wstring WideArgument(const std::string& argument)
{
	const int length = static_cast<int>(argument.size());
	const int size = MultiByteToWideChar(CP_ACP, 0, argument.data(), length, nullptr, 0);
	std::wstring wide(static_cast<std::size_t>(size), L'\0');
	MultiByteToWideChar(CP_ACP, 0, argument.data(), length, wide.data(), size);
	return wide;
}

std::optional<bool> SomebodyListens(std::uint16_t port)
{
	// Room for 3000 sockets that listen. With more the system does not tell.
	std::vector<DWORD> memory(1 << 14);
	auto size = static_cast<DWORD>(memory.size() * sizeof(DWORD));
	if (GetExtendedTcpTable(memory.data(), &size, FALSE, AF_INET, TCP_TABLE_BASIC_LISTENER, 0) !=
		NO_ERROR)
		return std::nullopt;
	const auto* table = reinterpret_cast<const MIB_TCPTABLE*>(memory.data());
	return std::any_of(table->table, table->table + table->dwNumEntries,
		[port](const MIB_TCPROW& row) {
			return static_cast<std::uint16_t>(row.dwLocalPort) == htons(port);
		});
}

std::string ExitCode(DWORD code)
{
	char text[32];
	std::snprintf(text, sizeof(text), code > 0xFFFF ? "exit code 0x%08lX" : "exit code %lu", code);
	return code == 0xC0000135 ? std::string(text) + " (a DLL is missing)" : text;
}

std::chrono::microseconds CpuTimeOf(HANDLE thread)
{
	FILETIME times[4] = {}; // created, ended, kernel, user
	GetThreadTimes(thread, &times[0], &times[1], &times[2], &times[3]);
	std::uint64_t ticks = 0; // of 100 ns
	for (const FILETIME& span : { times[2], times[3] })
		ticks += static_cast<std::uint64_t>(span.dwHighDateTime) << 32 | span.dwLowDateTime;
	return std::chrono::microseconds(ticks / 10);
}

ServerProcess::ServerProcess(const std::filesystem::path& executable,
	const std::vector<std::string>& arguments, HANDLE input)
	: job_(CreateKillingJob()), stdout_(OpenOutputFile()), stderr_(OpenOutputFile()),
	  name_(Utf8(executable.filename()))
{
	if (!std::filesystem::is_regular_file(executable))
		throw std::runtime_error("no such program: '" + Utf8(executable) + "'");

	std::wstring commandLine = Quote(executable.wstring());
	for (const std::string& argument : arguments)
		commandLine += L' ' + Quote(WideArgument(argument));

	SECURITY_ATTRIBUTES inherited{ sizeof(inherited), nullptr, TRUE };
	const UniqueHandle nothing(CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE,
		&inherited, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
	if (nothing.get() == INVALID_HANDLE_VALUE)
		Fail("CreateFile(NUL)");
	const PROCESS_INFORMATION created = Start(executable, commandLine,
		{ input != nullptr ? input : nothing.get(), stdout_.get(), stderr_.get() });
	process_.reset(created.hProcess);
	const UniqueHandle thread(created.hThread);
	pid_ = created.dwProcessId;
	if (!AssignProcessToJobObject(job_.get(), process_.get()))
	{
		TerminateProcess(process_.get(), 1);
		Fail("AssignProcessToJobObject()");
	}
	ResumeThread(thread.get());
}

std::runtime_error ServerProcess::NotListening(const std::string& waitedFor) const
{
	std::string text = name_ + " did not begin to listen in time; waited for " + waitedFor;
	if (const auto code = WaitExit(Deadline::After(milliseconds(0))))
		text = name_ + " ended with " + ExitCode(*code);
	std::string written = Stderr();
	if (written.empty())
		written = Stdout();
	written.erase(written.find_last_not_of("\r\n") + 1);
	return std::runtime_error(
		text + " and wrote" + (written.empty() ? " nothing" : ": " + written));
}

std::uint16_t ServerProcess::WaitListening(Deadline deadline)
{
	for (;;)
	{
		const bool running = Running(); // asked first: after its end the output is complete
		const std::uint16_t port = ListeningPort(Stdout());
		if (running && port != 0)
			return port;
		if (!running || deadline.Passed())
			throw NotListening("a line with 'Listening: IP=..., port=N'");
		WaitForSingleObject(process_.get(), 5);
	}
}

void ServerProcess::WaitAccepting(const std::string& host, std::uint16_t port, Deadline deadline)
{
	// The list is enough for nearly every server. A connect while a slow one begins would use up
	// its first client.
	const Deadline byList = Deadline::After(milliseconds(7000));
	for (;;)
	{
		const std::optional<bool> listed = SomebodyListens(port);
		bool ready = listed.value_or(false);
		if (!ready && (!listed || byList.Passed()))
			ready = Connection().Connect(host, port, deadline) == 0;
		const bool running = Running();
		if (running && ready)
			return;
		if (!running || deadline.Passed())
			throw NotListening("a socket that listens on " + host + ":" + std::to_string(port));
		WaitForSingleObject(process_.get(), 20);
	}
}

std::optional<DWORD> ServerProcess::WaitExit(Deadline deadline) const
{
	const auto wait = static_cast<DWORD>(deadline.Left().count());
	if (WaitForSingleObject(process_.get(), wait) != WAIT_OBJECT_0)
		return std::nullopt;
	DWORD code = 0;
	GetExitCodeProcess(process_.get(), &code);
	return code;
}

bool ServerProcess::Running() const
{
	return WaitForSingleObject(process_.get(), 0) == WAIT_TIMEOUT;
}

void ServerProcess::Stop()
{
	if (process_.get() == nullptr) // moved from
		return;
	TerminateJobObject(job_.get(), 1);
	WaitForSingleObject(process_.get(), 10000);
}

std::string ServerProcess::Stdout() const
{
	return ReadAll(stdout_.get());
}

std::string ServerProcess::Stderr() const
{
	return ReadAll(stderr_.get());
}

std::uint64_t ServerProcess::StdoutSize() const
{
	return Size(stdout_.get());
}

std::chrono::microseconds ServerProcess::CpuTime() const
{
	// By its threads: asked for another process, Wine 8 answers GetProcessTimes with the caller's
	// own.
	const UniqueHandle snapshot(CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0));
	if (snapshot.get() == INVALID_HANDLE_VALUE)
		Fail("CreateToolhelp32Snapshot()");
	std::chrono::microseconds used(0);
	THREADENTRY32 entry{};
	entry.dwSize = sizeof(entry);
	for (BOOL more = Thread32First(snapshot.get(), &entry); more;
		 more = Thread32Next(snapshot.get(), &entry))
	{
		if (entry.th32OwnerProcessID != pid_)
			continue;
		const UniqueHandle thread(OpenThread(THREAD_QUERY_INFORMATION, FALSE, entry.th32ThreadID));
		used += CpuTimeOf(thread.get());
	}
	return used;
}

ServerProcess::Memory ServerProcess::MemoryUse() const
{
	PROCESS_MEMORY_COUNTERS_EX counters{};
	auto* base = reinterpret_cast<PROCESS_MEMORY_COUNTERS*>(&counters);
	if (!GetProcessMemoryInfo(process_.get(), base, sizeof(counters)))
		return { 0, 0 };
	return { counters.WorkingSetSize, counters.PrivateUsage };
}

unsigned ServerProcess::HandleCount() const
{
	DWORD count = 0;
	GetProcessHandleCount(process_.get(), &count);
	return count;
}

std::vector<HWND> ServerProcess::Windows() const
{
	std::vector<HWND> windows;
	const auto add = [](HWND window, LPARAM list) -> BOOL {
		reinterpret_cast<std::vector<HWND>*>(list)->push_back(window);
		return TRUE;
	};
	EnumWindows(add, reinterpret_cast<LPARAM>(&windows));
	std::erase_if(windows, [this](HWND window) {
		DWORD pid = 0;
		GetWindowThreadProcessId(window, &pid);
		return pid != pid_ || !IsWindowVisible(window);
	});
	return windows;
}

} // namespace echo
