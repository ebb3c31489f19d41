// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/keys/master_key.h"

#include "common/base/names.h"
#include "common/base/unique_fd.h"
#include "daemon/store/keys/record_crypto.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace patd::store {
namespace {

constexpr mode_t kFileModes = 077;
constexpr mode_t kCredentialModes = 037;

Error open_error(const std::string& path) {
    const std::string context = path + ": " + std::generic_category().message(errno);
    switch (errno) {
        case ENOENT:
            return Error{Errc::NotFound, context};
        case ELOOP:
        case EACCES:
        case EPERM:
        case ENXIO:
            return Error{Errc::AccessDenied, context};
        default:
            return Error{Errc::Unavailable, context};
    }
}

Result<void> check_file(int fd, const std::string& path, mode_t forbidden_modes) {
    struct stat status {};
    if (fstat(fd, &status) != 0)
        return Error{Errc::Unavailable, path};
    if (!S_ISREG(status.st_mode))
        return Error{Errc::AccessDenied, path + " is not a regular file"};
    if (status.st_uid != 0 && status.st_uid != geteuid())
        return Error{Errc::AccessDenied, path + " belongs to somebody else"};
    if ((status.st_mode & forbidden_modes) != 0)
        return Error{Errc::AccessDenied, path + " is open to group or others"};
    return {};
}

Result<MasterKey> read_key(int fd, const std::string& path) {
    // One byte more than a key, to notice a longer file.
    SecretBuffer buffer(kKeyBytes + 1);
    while (buffer.size() < buffer.capacity()) {
        const std::span<char> free = buffer.free_space();
        const ssize_t count = read(fd, free.data(), free.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return Error{Errc::Unavailable, path};
        if (count == 0)
            break;
        buffer.grow(static_cast<std::size_t>(count));
    }
    if (buffer.size() != kKeyBytes)
        return Error{Errc::Corrupt, path + " is not 32 bytes long"};
    return MasterKey(std::move(buffer));
}

Result<MasterKey> load(const std::string& path, mode_t forbidden_modes) {
    const UniqueFd fd(
        open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd)
        return open_error(path);
    TRY(check_file(fd.get(), path, forbidden_modes));
    return read_key(fd.get(), path);
}

}  // namespace

Result<MasterKey> load_master_key(const std::string& path) {
    return load(path, kFileModes);
}

Result<MasterKey> load_master_key_from_credentials() {
    const char* directory = secure_getenv("CREDENTIALS_DIRECTORY");
    if (directory == nullptr || *directory == '\0')
        return Error{Errc::NotFound, "no CREDENTIALS_DIRECTORY"};
    return load(std::string(directory) + "/" + names::kMasterKeyCredential, kCredentialModes);
}

bool is_master_key_passed() {
    const char* directory = secure_getenv("CREDENTIALS_DIRECTORY");
    return directory != nullptr && *directory != '\0' &&
           access((std::string(directory) + "/" + names::kMasterKeyCredential).c_str(), F_OK) == 0;
}

Result<MasterKey> find_master_key(const std::string& fallback_path) {
    Result<MasterKey> credential = load_master_key_from_credentials();
    if (credential || credential.error().code != Errc::NotFound)
        return credential;
    return load_master_key(fallback_path);
}

}  // namespace patd::store
