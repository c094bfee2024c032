#include "server_process.h"

#include "connection.h"

#include <iphlpapi.h>
#include <psapi.h>
#include <tlhelp32.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace echo
{
namespace
{
std::string Utf8(const std::wstring& text)
{
	const int length = static_cast<int>(text.size());
	std::string utf8(text.size() * 3, '\0'); // a UTF-16 unit takes three bytes at most
	const int size = WideCharToMultiByte(CP_UTF8, 0, text.data(), length, utf8.data(),
		static_cast<int>(utf8.size()), nullptr, nullptr);
	utf8.resize(static_cast<std::size_t>(size));
	return utf8;
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

// The two ends of a file that takes a server's output.
struct OutputFile
{
	UniqueHandle reader; // the file is deleted when this one closes
	UniqueHandle writer; // appends, is inherited
};

OutputFile OpenOutputFile()
{
	wchar_t folder[MAX_PATH + 1];
	wchar_t path[MAX_PATH + 1];
	if (GetTempPathW(MAX_PATH + 1, folder) == 0 || GetTempFileNameW(folder, L"ech", 0, path) == 0)
		Fail("GetTempFileName()");

	constexpr DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
	constexpr DWORD attributes = FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE;
	SECURITY_ATTRIBUTES inherited{ sizeof(inherited), nullptr, TRUE };
	OutputFile file;
	file.reader = UniqueHandle(CreateFileW(path, GENERIC_READ | DELETE, share, nullptr,
		OPEN_EXISTING, attributes, nullptr));
	file.writer = UniqueHandle(CreateFileW(path, FILE_APPEND_DATA | SYNCHRONIZE, share, &inherited,
		OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
	if (file.reader.Get() == nullptr || file.writer.Get() == nullptr)
		Fail("CreateFile(temporary file)");
	return file;
}

std::string ReadAll(HANDLE file)
{
	std::string text;
	char buffer[16384];
	for (;;)
	{
		OVERLAPPED at{}; // reads at a place of its own, whatever the file pointer is
		at.Offset = static_cast<DWORD>(text.size());
		at.OffsetHigh = static_cast<DWORD>(static_cast<std::uint64_t>(text.size()) >> 32);
		DWORD count = 0;
		if (!ReadFile(file, buffer, sizeof(buffer), &count, &at) || count == 0)
			return text;
		text.append(buffer, count);
	}
}

// A job whose processes end with its last handle, that is, with this program at the latest.
UniqueHandle CreateKillingJob()
{
	UniqueHandle job(CreateJobObjectW(nullptr, nullptr));
	if (job.Get() == nullptr)
		Fail("CreateJobObject()");
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
	limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
	constexpr JOBOBJECTINFOCLASS kind = JobObjectExtendedLimitInformation;
	if (!SetInformationJobObject(job.Get(), kind, &limits, sizeof(limits)))
		Fail("SetInformationJobObject()");
	return job;
}

// The list of the handles that a child inherits, and no others: two servers started at the same
// time must not hold each other's files open.
class InheritedHandles
{
public:
	explicit InheritedHandles(std::vector<HANDLE> handles) : handles_(std::move(handles))
	{
		SIZE_T size = 0;
		InitializeProcThreadAttributeList(nullptr, 1, 0, &size); // fails, and tells the size
		memory_.resize(size);
		if (!InitializeProcThreadAttributeList(Get(), 1, 0, &size))
			Fail("InitializeProcThreadAttributeList()");
		if (!UpdateProcThreadAttribute(Get(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
				handles_.size() * sizeof(HANDLE), nullptr, nullptr))
			Fail("UpdateProcThreadAttribute()");
	}
	~InheritedHandles()
	{
		DeleteProcThreadAttributeList(Get());
	}
	InheritedHandles(const InheritedHandles&) = delete;
	InheritedHandles& operator=(const InheritedHandles&) = delete;

	LPPROC_THREAD_ATTRIBUTE_LIST Get()
	{
		return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data());
	}

private:
	std::vector<HANDLE> handles_;
	std::vector<char> memory_;
};

DWORD WaitTime(milliseconds left)
{
	return static_cast<DWORD>(std::min<std::int64_t>(left.count(), INFINITE - 1));
}

// The port of the Listening line once the whole of it stands in `output`, else 0.
std::uint16_t ListeningPort(const std::string& output)
{
	const std::size_t line = output.find("[TCP Server] Listening: IP=");
	const std::size_t end = output.find_first_of("\r\n", line);
	const std::size_t port = output.find(", port=", line);
	if (line == std::string::npos || end == std::string::npos || port > end)
		return 0;

	unsigned value = 0;
	for (std::size_t i = port + 7; i < end; ++i)
	{
		if (output[i] < '0' || output[i] > '9' || value > 65535)
			return 0;
		value = value * 10 + static_cast<unsigned>(output[i] - '0');
	}
	return value > 65535 ? std::uint16_t(0) : static_cast<std::uint16_t>(value);
}

std::uint64_t Ticks(const FILETIME& span)
{
	return static_cast<std::uint64_t>(span.dwHighDateTime) << 32 | span.dwLowDateTime;
}

// The visible top-level windows of one process.
struct WindowSearch
{
	DWORD pid;
	std::vector<HWND> windows;
};

BOOL CALLBACK AddIfOwn(HWND window, LPARAM parameter)
{
	auto* search = reinterpret_cast<WindowSearch*>(parameter);
	DWORD pid = 0;
	GetWindowThreadProcessId(window, &pid);
	if (pid == search->pid && IsWindowVisible(window))
		search->windows.push_back(window);
	return TRUE;
}

std::vector<HWND> FindWindows(DWORD pid)
{
	WindowSearch search{ pid, {} };
	EnumWindows(AddIfOwn, reinterpret_cast<LPARAM>(&search));
	return search.windows;
}

} // namespace

const std::array<Model, 5>& Models()
{
	static const std::array<Model, 5> models = { {
		// name, iterative, capacity, spins, window
		{ "01_blocking", true, 0, false, false },
		{ "02_nonblocking", true, 0, true, false },
		{ "03_select", false, 63, false, false },
		{ "04_asyncselect", false, 0, false, true },
		{ "05_eventselect", false, 63, false, false },
	} };
	return models;
}

const Model* FindModel(std::string_view name)
{
	for (const Model& model : Models())
	{
		if (name == model.name)
			return &model;
	}
	return nullptr;
}

std::filesystem::path ModelExecutable(const std::filesystem::path& directory, const Model& model)
{
	return directory / (std::string(model.name) + ".exe");
}

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
	constexpr TCP_TABLE_CLASS kind = TCP_TABLE_BASIC_LISTENER;
	std::vector<DWORD> memory(256);
	DWORD size = 0;
	DWORD error = ERROR_INSUFFICIENT_BUFFER;
	// The table may grow between two calls.
	for (int attempt = 0; attempt < 10 && error == ERROR_INSUFFICIENT_BUFFER; attempt++)
	{
		memory.resize(std::max(memory.size(), size / sizeof(DWORD) + 64));
		size = static_cast<DWORD>(memory.size() * sizeof(DWORD));
		error = GetExtendedTcpTable(memory.data(), &size, FALSE, AF_INET, kind, 0);
	}
	if (error != NO_ERROR)
		return std::nullopt;
	const auto* table = reinterpret_cast<const MIB_TCPTABLE*>(memory.data());
	return std::any_of(table->table, table->table + table->dwNumEntries,
		[&](const MIB_TCPROW& row)
		{ return ntohs(static_cast<std::uint16_t>(row.dwLocalPort)) == port; });
}

ServerProcess::ServerProcess(const std::filesystem::path& executable,
	const std::vector<std::string>& arguments, HANDLE input)
	: name_(Utf8(executable.filename().wstring()))
{
	if (!std::filesystem::is_regular_file(executable))
		throw std::runtime_error("no such program: '" + Utf8(executable.wstring()) + "'");

	std::wstring commandLine = Quote(executable.wstring());
	for (const std::string& argument : arguments)
		commandLine += L' ' + Quote(WideArgument(argument));

	OutputFile out = OpenOutputFile();
	OutputFile err = OpenOutputFile();
	SECURITY_ATTRIBUTES inherited{ sizeof(inherited), nullptr, TRUE };
	const UniqueHandle nothing(CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE,
		&inherited, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
	if (nothing.Get() == nullptr)
		Fail("CreateFile(NUL)");

	if (input == nullptr)
		input = nothing.Get();

	InheritedHandles handles({ input, out.writer.Get(), err.writer.Get() });
	STARTUPINFOEXW startup{};
	startup.StartupInfo.cb = sizeof(startup);
	startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
	startup.StartupInfo.hStdInput = input;
	startup.StartupInfo.hStdOutput = out.writer.Get();
	startup.StartupInfo.hStdError = err.writer.Get();
	startup.lpAttributeList = handles.Get();

	job_ = CreateKillingJob();

	// The child takes over this mode: a dialog box would wait for a click that never comes. (Wine 8
	// asks nobody and starts its debugger; WINEDLLOVERRIDES="winedbg.exe=" keeps it from that.)
	const UINT oldMode =
		SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
	// Suspended, so that it cannot start a process of its own before it is in the job. Detached: a
	// console, even one without a window, is a process more for each server (conhost), and took half
	// of the time of a start under Wine.
	constexpr DWORD flags = CREATE_SUSPENDED | DETACHED_PROCESS | EXTENDED_STARTUPINFO_PRESENT;
	PROCESS_INFORMATION created{};
	const BOOL started = CreateProcessW(executable.c_str(), commandLine.data(), nullptr, nullptr,
		TRUE, flags, nullptr, nullptr, &startup.StartupInfo, &created);
	const DWORD error = GetLastError();
	SetErrorMode(oldMode);
	if (!started)
		throw std::runtime_error("cannot start '" + name_ + "': error " + std::to_string(error));

	process_ = UniqueHandle(created.hProcess);
	const UniqueHandle thread(created.hThread);
	pid_ = created.dwProcessId;
	stdout_ = std::move(out.reader);
	stderr_ = std::move(err.reader);
	if (!AssignProcessToJobObject(job_.Get(), process_.Get()))
	{
		TerminateProcess(process_.Get(), 1);
		Fail("AssignProcessToJobObject()");
	}
	ResumeThread(thread.Get());
}

ServerProcess::~ServerProcess()
{
	Stop();
}

std::runtime_error ServerProcess::NotListening(const std::string& waitedFor) const
{
	std::string text = name_;
	if (Running())
	{
		text += " did not begin to listen in time; waited for " + waitedFor;
	}
	else
	{
		DWORD code = 0;
		GetExitCodeProcess(process_.Get(), &code);
		char number[16];
		std::snprintf(number, sizeof(number), code > 0xFFFF ? "0x%08lX" : "%lu", code);
		text += " ended with exit code " + std::string(number);
	}
	std::string written = Stderr();
	if (written.empty())
		written = Stdout();
	while (!written.empty() && (written.back() == '\n' || written.back() == '\r'))
		written.pop_back();
	if (written.empty())
		return std::runtime_error(text + " and wrote nothing");
	return std::runtime_error(text + " and wrote: " + written);
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
			throw NotListening("the line '[TCP Server] Listening: IP=..., port=N'");
		WaitForSingleObject(process_.Get(), 5);
	}
}

void ServerProcess::WaitAccepting(const std::string& host, std::uint16_t port, Deadline deadline)
{
	// The list is enough for nearly every server. A connect while a slow one begins would use up its
	// first client.
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
		WaitForSingleObject(process_.Get(), 20);
	}
}

std::optional<DWORD> ServerProcess::WaitExit(Deadline deadline)
{
	if (WaitForSingleObject(process_.Get(), WaitTime(deadline.Left())) != WAIT_OBJECT_0)
		return std::nullopt;
	DWORD code = 0;
	GetExitCodeProcess(process_.Get(), &code);
	return code;
}

bool ServerProcess::Running() const
{
	return WaitForSingleObject(process_.Get(), 0) == WAIT_TIMEOUT;
}

void ServerProcess::Stop()
{
	if (process_.Get() == nullptr) // moved from
		return;
	TerminateJobObject(job_.Get(), 1);
	WaitForSingleObject(process_.Get(), 10000);
}

std::string ServerProcess::Stdout() const
{
	return ReadAll(stdout_.Get());
}

std::string ServerProcess::Stderr() const
{
	return ReadAll(stderr_.Get());
}

std::uint64_t ServerProcess::StdoutSize() const
{
	LARGE_INTEGER size{};
	GetFileSizeEx(stdout_.Get(), &size);
	return static_cast<std::uint64_t>(size.QuadPart);
}

DWORD ServerProcess::Pid() const
{
	return pid_;
}

std::chrono::microseconds ServerProcess::CpuTime() const
{
	// By its threads: asked for another process, Wine 8 answers GetProcessTimes with the caller's own.
	const UniqueHandle snapshot(CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0));
	if (snapshot.Get() == nullptr)
		Fail("CreateToolhelp32Snapshot()");
	std::int64_t ticks = 0; // of 100 ns
	THREADENTRY32 entry{};
	entry.dwSize = sizeof(entry);
	for (BOOL more = Thread32First(snapshot.Get(), &entry); more;
		 more = Thread32Next(snapshot.Get(), &entry))
	{
		if (entry.th32OwnerProcessID != pid_)
			continue;
		const UniqueHandle thread(OpenThread(THREAD_QUERY_INFORMATION, FALSE, entry.th32ThreadID));
		FILETIME created{};
		FILETIME exited{};
		FILETIME kernel{};
		FILETIME user{};
		if (thread.Get() != nullptr && GetThreadTimes(thread.Get(), &created, &exited, &kernel, &user))
			ticks += Ticks(kernel) + Ticks(user);
	}
	return std::chrono::microseconds(ticks / 10);
}

ServerProcess::Memory ServerProcess::MemoryUse() const
{
	PROCESS_MEMORY_COUNTERS_EX counters{};
	auto* base = reinterpret_cast<PROCESS_MEMORY_COUNTERS*>(&counters);
	if (!GetProcessMemoryInfo(process_.Get(), base, sizeof(counters)))
		return { 0, 0 };
	return { counters.WorkingSetSize, counters.PrivateUsage };
}

unsigned ServerProcess::HandleCount() const
{
	DWORD count = 0;
	GetProcessHandleCount(process_.Get(), &count);
	return count;
}

std::vector<ServerProcess::Window> ServerProcess::Windows() const
{
	std::vector<Window> windows;
	for (const HWND window : FindWindows(pid_))
	{
		wchar_t title[256] = L"";
		const int length = GetWindowTextW(window, title, 256);
		RECT area{};
		GetWindowRect(window, &area);
		windows.push_back({ Utf8(std::wstring(title, static_cast<std::size_t>(length))),
			area.right - area.left, area.bottom - area.top });
	}
	return windows;
}

unsigned ServerProcess::CloseWindows() const
{
	const std::vector<HWND> windows = FindWindows(pid_);
	for (const HWND window : windows)
		PostMessageW(window, WM_CLOSE, 0, 0);
	return static_cast<unsigned>(windows.size());
}

} // namespace echo
