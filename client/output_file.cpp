#include "output_file.h"

#include "server_process.h"

#include <stdexcept>

namespace echo
{
namespace
{
bool WriteAll(HANDLE file, const std::string& bytes)
{
	DWORD written = 0;
	return WriteFile(file, bytes.data(), static_cast<DWORD>(bytes.size()), &written, nullptr) &&
		written == bytes.size();
}

} // namespace

bool CanWrite(const std::string& argument)
{
	const std::wstring path = WideArgument(argument);
	constexpr DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE;
	const bool there = GetFileAttributesW(path.c_str()) != INVALID_FILE_ATTRIBUTES;
	const UniqueHandle file(
		CreateFileW(path.c_str(), there ? GENERIC_WRITE : DELETE, share, nullptr,
			there ? OPEN_EXISTING : CREATE_NEW, there ? 0 : FILE_FLAG_DELETE_ON_CLOSE, nullptr));
	return file.Get() != nullptr;
}

void WriteWhole(const std::string& argument, const std::string& bytes)
{
	const std::wstring path = WideArgument(argument);
	const std::wstring draft = path + L".new";
	bool written;
	{
		const UniqueHandle file(CreateFileW(draft.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS,
			FILE_ATTRIBUTE_NORMAL, nullptr));
		written = file.Get() != nullptr && WriteAll(file.Get(), bytes);
	}
	if (written && MoveFileExW(draft.c_str(), path.c_str(), MOVEFILE_REPLACE_EXISTING))
		return;
	const DWORD error = GetLastError();
	DeleteFileW(draft.c_str());
	throw std::runtime_error(
		"cannot write the file '" + argument + "': error " + std::to_string(error));
}

} // namespace echo
