// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/client/dictionary.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct sd_bus_message;

namespace patd::client {

// One D-Bus message: the arguments of a call, or the content of a reply. A reply that does not have
// the documented form is Internal; text that D-Bus cannot carry (not UTF-8) is MalformedRequest.
// Values are read in order. Thread rule: one thread at a time.
class Message {
  public:
    // Takes over one reference.
    explicit Message(sd_bus_message* message);

    sd_bus_message* get() const { return message_.get(); }

    Result<void> append_text(const std::string& text);
    Result<void> append_texts(const std::vector<std::string>& texts);
    Result<void> append_count(std::uint32_t count);
    Result<void> append_dictionary(const Dictionary& dictionary);
    Result<void> append_dictionaries(const std::vector<Dictionary>& dictionaries);
    // The message gets a duplicate; the caller keeps `fd`.
    Result<void> append_descriptor(int fd);

    Result<std::string> read_text();
    Result<std::string> read_path();
    Result<std::vector<std::string>> read_texts();
    Result<std::uint32_t> read_count();
    // Skips entries of a type that Value does not know: a newer service may send them.
    Result<Dictionary> read_dictionary();
    // aa{sv}
    Result<std::vector<Dictionary>> read_dictionaries();
    // a(oa{sv}); the object paths follow from the ids and are dropped.
    Result<std::vector<Dictionary>> read_objects();
    // A duplicate that the caller owns, close-on-exec.
    Result<UniqueFd> read_descriptor();

  private:
    struct Unref {
        void operator()(sd_bus_message* message) const;
    };
    std::unique_ptr<sd_bus_message, Unref> message_;
};

}  // namespace patd::client
