// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/hostile/raw_message.h"

#include "common/base/names.h"

#include <utility>

namespace patd::hostile {
namespace {

constexpr std::uint8_t kPath = 1;
constexpr std::uint8_t kInterface = 2;
constexpr std::uint8_t kMember = 3;
constexpr std::uint8_t kErrorName = 4;
constexpr std::uint8_t kDestination = 6;
constexpr std::uint8_t kSender = 7;
constexpr std::uint8_t kSignature = 8;
constexpr std::uint8_t kDescriptors = 9;

constexpr std::size_t kFieldsLengthAt = 12;
constexpr std::size_t kDeepest = 32;  // arrays, and structs, in one signature
constexpr std::size_t kVariantsInOne = 60;
constexpr std::size_t kMany = 100000;
constexpr std::size_t kLargeBytes = 1048576;
constexpr int kPassed = 16;
constexpr std::uint32_t kSerials = 8;

std::string repeat(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

void put_fields(const RawMessage& message, Marshal& out) {
    for (const RawMessage::Field& field : message.fields) {
        out.align(8).u8(field.code).signature(std::string(1, field.type));
        if (field.type == 'u')
            out.align(4).u32(field.number);
        else if (field.type == 'g')
            out.signature(field.text);
        else
            out.text(field.text);
    }
    if (!message.signature.empty())
        out.align(8).u8(kSignature).signature("g").signature(message.signature);
    if (!message.descriptors.empty())
        out.align(8)
            .u8(kDescriptors)
            .signature("u")
            .u32(static_cast<std::uint32_t>(message.descriptors.size()));
    if (!message.odd_fields.empty())
        out.align(8).raw(message.odd_fields);
}

RawMessage call(std::string name, const std::string& service, const char* member = "Status",
                const char* interface = names::kManagerInterface,
                const std::string& path = names::kManagerPath) {
    RawMessage message{.name = std::move(name)};
    message.fields = {{kPath, 'o', path}, {kDestination, 's', service}, {kMember, 's', member}};
    if (interface != nullptr)
        message.fields.push_back({kInterface, 's', interface});
    return message;
}

RawMessage with_body(RawMessage message, std::string signature, std::string body) {
    message.signature = std::move(signature);
    message.body = std::move(body);
    return message;
}

// In the form of NameOwnerChanged.
std::string three(const std::string& first, const std::string& second, const std::string& third) {
    return Marshal().text(first).text(second).text(third).bytes();
}

// An array of `count` entries with the same bytes, each a multiple of 8 long.
std::string array_of(std::size_t count, const std::string& entry) {
    Marshal body;
    body.u32(0).align(8);
    const std::size_t begin = body.bytes().size();
    for (std::size_t i = 0; i < count; ++i)
        body.align(8).raw(entry);
    body.patch_u32(0, static_cast<std::uint32_t>(body.bytes().size() - begin));
    return body.bytes();
}

std::string nested_variants(std::size_t depth) {
    Marshal body;
    for (std::size_t i = 0; i < depth; ++i)
        body.signature("v");
    return body.signature("y").u8(7).bytes();
}

void add_headers(std::vector<RawMessage>& all, const std::string& service) {
    RawMessage big = call("big endian", service);
    big.big_endian = true;
    all.push_back(std::move(big));
    for (const int flags : {0xf8, 0xfe, 0xff}) {
        all.push_back(call("every flag", service));
        all.back().flags = static_cast<std::uint8_t>(flags);
    }
    for (const int type : {5, 77, 255}) {
        all.push_back(call("a type that nobody knows", service));
        all.back().type = static_cast<RawType>(type);
    }
    all.push_back(call("fields that nobody knows", service));
    all.back().odd_fields = Marshal()
                                .u8(200)
                                .signature("v")
                                .raw(nested_variants(kDeepest))
                                .align(8)
                                .u8(255)
                                .signature("s")
                                .text(std::string(4096, 'x'))
                                .bytes();
    for (const char* sender : {"org.freedesktop.DBus", ":1.0", "org.freedesktop.systemd1"}) {
        all.push_back(call("a forged sender", service));
        all.back().fields.push_back({kSender, 's', sender});
    }
    all.push_back(call("no interface", service, "Status", nullptr));
    all.push_back(call("an interface of another", service, "Next"));
    all.push_back(call("a long member", service, std::string(255, 'm').c_str()));
    all.push_back(call("the root", service, "Status", names::kManagerInterface, "/"));
    all.push_back(call("a long path", service, "Show", names::kTokenInterface,
                       std::string(names::kTokenPrefix) + "/" + std::string(60000, 'a')));
    all.push_back(call("a deep path", service, "Show", names::kTokenInterface,
                       std::string(names::kTokenPrefix) + repeat("/a", 20000)));
}

void add_bodies(std::vector<RawMessage>& all, const std::string& service) {
    const auto add = [&](const char* name, const char* member, std::string signature,
                         std::string body) {
        all.push_back(
            with_body(call(name, service, member), std::move(signature), std::move(body)));
    };
    add("a long signature", "Status", std::string(254, 'y'), std::string(254, '\1'));
    // sd-bus drops it, so that nobody gets an answer.
    add("the longest signature", "Status", std::string(255, 'y'), std::string(255, '\1'));
    all.back().flags = kNoReply;
    add("the deepest arrays", "Explain", repeat("a", kDeepest) + "y", std::string(4, '\0'));
    add("the deepest structs", "Explain", repeat("(", kDeepest) + "y" + repeat(")", kDeepest),
        std::string(1, '\1'));
    add("variants in variants", "Explain", "v", nested_variants(kVariantsInOne));
    const std::string entry =
        Marshal().text("key").signature("v").raw(nested_variants(kVariantsInOne)).bytes();
    for (const char* member : {"Verify", "Unlock", "ListEvents"}) {
        add("variants in a dictionary", member, "a{sv}", array_of(1, entry));
        add("the same key again and again", member, "a{sv}",
            array_of(kMany, Marshal().text("limit").signature("y").u8(1).bytes()));
    }
    Marshal dictionaries;
    dictionaries.u32(0).align(4);
    for (std::size_t i = 0; i < kMany; ++i)
        dictionaries.align(4).u32(0).align(8);
    dictionaries.patch_u32(0, static_cast<std::uint32_t>(dictionaries.bytes().size() - 4));
    add("many empty dictionaries", "ImportMany", "aa{sv}", dictionaries.bytes());
    Marshal large;
    large.u32(kLargeBytes).raw(std::string(kLargeBytes, 'x'));
    add("a long array", "Explain", "ay", large.bytes());
    add("a long text", "Explain", "sa{sv}",
        Marshal().text(std::string(kLargeBytes, 'x')).align(4).u32(0).align(8).bytes());
}

// What only the bus, or systemd, may send, and answers to nothing.
void add_lies(std::vector<RawMessage>& all, const std::string& service, const std::string& own) {
    const auto add_signal = [&](const char* path, const char* interface, const char* member,
                                std::string signature, std::string body) {
        RawMessage signal = with_body(call("a forged signal", service, member, interface, path),
                                      std::move(signature), std::move(body));
        signal.type = RawType::Signal;
        signal.fields.push_back({kSender, 's', "org.freedesktop.DBus"});
        all.push_back(std::move(signal));
    };
    constexpr char kBus[] = "org.freedesktop.DBus";
    constexpr char kBusPath[] = "/org/freedesktop/DBus";
    for (const std::string& name : {own, service, std::string(names::kBusName)}) {
        add_signal(kBusPath, kBus, "NameOwnerChanged", "sss", three(name, own, ""));
        add_signal(kBusPath, kBus, "NameOwnerChanged", "sss", three(name, "", own));
        add_signal(kBusPath, kBus, "NameLost", "s", Marshal().text(name).bytes());
        add_signal(kBusPath, kBus, "NameAcquired", "s", Marshal().text(name).bytes());
    }
    add_signal(kBusPath, kBus, "NameOwnerChanged", "v", nested_variants(kVariantsInOne));
    add_signal(names::kManagerPath, "org.freedesktop.DBus.Properties", "PropertiesChanged",
               "sa{sv}as",
               Marshal().text(names::kManagerInterface).align(4).u32(0).align(8).u32(0).bytes());
    add_signal("/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "JobRemoved", "",
               "");
    add_signal(names::kManagerPath, names::kManagerInterface, "SecretReused", "ss",
               Marshal().text("0123456789").text("verify").bytes());
    add_signal("/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local", "Disconnected", "", "");
    for (std::uint32_t serial = 1; serial <= kSerials; ++serial) {
        for (const RawType type : {RawType::Answer, RawType::Error}) {
            RawMessage answer{.name = "an answer to nothing", .type = type};
            answer.fields = {{kDestination, 's', service}, {kReplySerial, 'u', "", serial}};
            if (type == RawType::Error)
                answer.fields.push_back({kErrorName, 's', "org.freedesktop.DBus.Error.NoReply"});
            all.push_back(with_body(std::move(answer), "u", Marshal().u32(0).bytes()));
        }
    }
}

void add_descriptors(std::vector<RawMessage>& all, const std::string& service, int fd) {
    RawMessage unasked = call("descriptors for nothing", service);
    unasked.descriptors.assign(kPassed, fd);
    all.push_back(std::move(unasked));
    for (const std::uint32_t index : {1U, 0x7fffffffU, 0xffffffffU}) {
        RawMessage absent = with_body(call("a descriptor that did not come", service, "Expose"),
                                      "ha{sv}", Marshal().u32(index).u32(0).align(8).bytes());
        absent.descriptors = {fd};
        all.push_back(std::move(absent));
    }
    Marshal many;
    many.u32(kPassed * 4);
    for (std::uint32_t i = 0; i < kPassed; ++i)
        many.u32(i % 2);
    RawMessage shared =
        with_body(call("a descriptor many times", service, "Expose"), "ah", many.bytes());
    shared.descriptors.assign(2, fd);
    all.push_back(std::move(shared));
}

}  // namespace

Marshal& Marshal::align(std::size_t to) {
    bytes_.append((to - bytes_.size() % to) % to, '\0');
    return *this;
}

Marshal& Marshal::u8(std::uint8_t value) {
    bytes_ += static_cast<char>(value);
    return *this;
}

Marshal& Marshal::u32(std::uint32_t value) {
    align(4);
    bytes_.append(4, '\0');
    patch_u32(bytes_.size() - 4, value);
    return *this;
}

Marshal& Marshal::text(std::string_view value) {
    u32(static_cast<std::uint32_t>(value.size()));
    return raw(value).u8(0);
}

Marshal& Marshal::signature(std::string_view value) {
    return u8(static_cast<std::uint8_t>(value.size())).raw(value).u8(0);
}

Marshal& Marshal::raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
}

void Marshal::patch_u32(std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i)
        bytes_[at + i] = static_cast<char>(value >> (8 * (big_ ? 3 - i : i)));
}

std::string RawMessage::marshal(std::uint32_t serial) const {
    Marshal out(big_endian);
    out.u8(big_endian ? 'B' : 'l').u8(static_cast<std::uint8_t>(type)).u8(flags).u8(1);
    out.u32(static_cast<std::uint32_t>(body.size())).u32(serial).u32(0);
    const std::size_t begin = out.bytes().size();
    put_fields(*this, out);
    out.patch_u32(kFieldsLengthAt, static_cast<std::uint32_t>(out.bytes().size() - begin));
    return out.align(8).raw(body).bytes();
}

std::vector<RawMessage> odd_messages(const std::string& service, const std::string& own, int fd) {
    std::vector<RawMessage> all;
    add_headers(all, service);
    add_bodies(all, service);
    add_lies(all, service, own);
    add_descriptors(all, service, fd);
    return all;
}

}  // namespace patd::hostile
