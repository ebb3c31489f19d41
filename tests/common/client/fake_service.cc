// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/common/client/fake_service.h"

#include "common/base/names.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>

#include <array>
#include <stdexcept>

namespace patd::client {
namespace {

constexpr char kOperationPath[] = "/org/patd/Tokens1/operation/one";

int must(int status) {
    if (status < 0)
        throw std::runtime_error("the fake service failed");
    return status;
}

FakeService& fake_of(void* userdata) {
    return *static_cast<FakeService*>(userdata);
}

// The content of a regular file that is open for reading.
std::string read_content(UniqueFd fd) {
    std::array<char, 4096> bytes{};
    const ssize_t count = pread(fd.get(), bytes.data(), bytes.size(), 0);
    return count > 0 ? std::string(bytes.data(), static_cast<std::size_t>(count)) : std::string();
}

// Reads the whole body of any method of the interface.
Call read_call(sd_bus_message* raw) {
    Message message(sd_bus_message_ref(raw));
    Call call{sd_bus_message_get_member(raw),
              sd_bus_message_get_path(raw),
              sd_bus_message_get_interface(raw),
              {},
              {},
              {},
              {}};
    const std::string signature = sd_bus_message_get_signature(raw, 1);
    for (std::size_t i = 0; i < signature.size(); ++i) {
        if (signature.compare(i, 6, "aa{sv}") == 0) {
            call.many = message.read_dictionaries().value();
            i += 5;
        } else if (signature.compare(i, 5, "a{sv}") == 0) {
            call.options = message.read_dictionary().value();
            i += 4;
        } else if (signature.compare(i, 2, "as") == 0) {
            const std::vector<std::string> texts = message.read_texts().value();
            call.texts.insert(call.texts.end(), texts.begin(), texts.end());
            i += 1;
        } else if (signature[i] == 'h') {
            call.content = read_content(message.read_descriptor().value());
        } else if (signature[i] == 's') {
            call.texts.push_back(message.read_text().value());
        } else if (signature[i] == 'u') {
            call.texts.push_back(std::to_string(message.read_count().value()));
        }
    }
    must(sd_bus_message_rewind(raw, 1));
    return call;
}

// Records the call, and answers with the scripted error of its member, if there is one.
bool refuse(sd_bus_message* message, void* userdata) {
    FakeService& fake = fake_of(userdata);
    fake.record(read_call(message));
    const auto error = fake.script().errors.find(sd_bus_message_get_member(message));
    if (error == fake.script().errors.end())
        return false;
    const sd_bus_error bus_error{error->second.c_str(), "words of the service", 0};
    must(sd_bus_reply_method_error(message, &bus_error));
    return true;
}

Message new_reply(sd_bus_message* call) {
    sd_bus_message* reply = nullptr;
    must(sd_bus_message_new_method_return(call, &reply));
    return Message(reply);
}

int begin(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    return sd_bus_reply_method_return(message, "o", kOperationPath);
}

int answer_nothing(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    return sd_bus_reply_method_return(message, "");
}

int answer_three(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    return sd_bus_reply_method_return(message, "u", 3U);
}

int list(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    Message reply = new_reply(message);
    must(sd_bus_message_open_container(reply.get(), 'a', "(oa{sv})"));
    for (const Dictionary& token : fake_of(userdata).script().tokens) {
        must(sd_bus_message_open_container(reply.get(), 'r', "oa{sv}"));
        must(sd_bus_message_append(reply.get(), "o", "/org/patd/Tokens1/token/x"));
        reply.append_dictionary(token).value();
        must(sd_bus_message_close_container(reply.get()));
    }
    must(sd_bus_message_close_container(reply.get()));
    return sd_bus_send(nullptr, reply.get(), nullptr);
}

void append_all(Message& reply, const std::vector<Dictionary>& dictionaries) {
    must(sd_bus_message_open_container(reply.get(), 'a', "a{sv}"));
    for (const Dictionary& dictionary : dictionaries)
        reply.append_dictionary(dictionary).value();
    must(sd_bus_message_close_container(reply.get()));
}

int list_events(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    Message reply = new_reply(message);
    append_all(reply, fake_of(userdata).script().events);
    return sd_bus_send(nullptr, reply.get(), nullptr);
}

int list_exposures(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    Message reply = new_reply(message);
    append_all(reply, fake_of(userdata).script().exposures);
    return sd_bus_send(nullptr, reply.get(), nullptr);
}

// The id is the scripted outcome.
int open_exposure(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    return sd_bus_reply_method_return(message, "s", fake_of(userdata).script().outcome.c_str());
}

int list_owners(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    Message reply = new_reply(message);
    append_all(reply, fake_of(userdata).script().owners);
    return sd_bus_send(nullptr, reply.get(), nullptr);
}

int list_permissions(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    Message reply = new_reply(message);
    append_all(reply, fake_of(userdata).script().permissions);
    return sd_bus_send(nullptr, reply.get(), nullptr);
}

int explain(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    Message reply = new_reply(message);
    Script& script = fake_of(userdata).script();
    Explanation next{script.outcome, script.candidates};
    if (!script.explanations.empty()) {
        next = script.explanations.front();
        script.explanations.erase(script.explanations.begin());
    }
    reply.append_text(next.outcome).value();
    append_all(reply, next.candidates);
    return sd_bus_send(nullptr, reply.get(), nullptr);
}

int reply_dictionary(sd_bus_message* message, const Dictionary& dictionary) {
    Message reply = new_reply(message);
    reply.append_dictionary(dictionary).value();
    return sd_bus_send(nullptr, reply.get(), nullptr);
}

int status(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    Script& script = fake_of(userdata).script();
    if (script.statuses.empty())
        return reply_dictionary(message, script.status);
    const Dictionary next = script.statuses.front();
    script.statuses.erase(script.statuses.begin());
    return reply_dictionary(message, next);
}

int show(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    const std::string path = sd_bus_message_get_path(message);
    const std::string id = path.substr(path.rfind('/') + 1);
    const std::vector<Dictionary>& tokens = fake_of(userdata).script().tokens;
    for (const Dictionary& token : tokens) {
        if (token.text("id") == id)
            return reply_dictionary(message, token);
    }
    const sd_bus_error gone{"org.patd.Tokens1.Error.NotFound", "words of the service", 0};
    if (!tokens.empty())
        return sd_bus_reply_method_error(message, &gone);
    // Without a list every id is one.
    Dictionary token;
    token.set("id", id);
    return reply_dictionary(message, token);
}

int next(sd_bus_message* message, void* userdata, sd_bus_error*) {
    FakeService& fake = fake_of(userdata);
    fake.collect_answer();
    std::vector<Script::Step>& prompts = fake.script().prompts;
    if (prompts.empty() && refuse(message, userdata))
        return 1;
    Script::Step step{"done", ""};
    if (!prompts.empty()) {
        step = prompts.front();
        prompts.erase(prompts.begin());
        fake.record(read_call(message));
    }
    const UniqueFd sink(fake.make_answer_sink());
    return sd_bus_reply_method_return(message, "ssh", step.kind.c_str(), step.text.c_str(),
                                      sink.get());
}

// Writes the scripted secret into the caller's file.
int back_up(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    int file = -1;
    must(sd_bus_message_read_basic(message, 'h', &file));
    const std::string& content = fake_of(userdata).script().secret;
    must(static_cast<int>(write(file, content.data(), content.size())));
    return reply_dictionary(message, fake_of(userdata).script().result);
}

int restore(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    Message reply = new_reply(message);
    reply.append_dictionary(fake_of(userdata).script().result).value();
    append_all(reply, fake_of(userdata).script().candidates);
    return sd_bus_send(nullptr, reply.get(), nullptr);
}

// Writes the scripted secret into the caller's sink.
int take_secret(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    int sink = -1;
    must(sd_bus_message_read_basic(message, 'h', &sink));
    const std::string& secret = fake_of(userdata).script().secret;
    must(static_cast<int>(send(sink, secret.data(), secret.size(), MSG_NOSIGNAL)));
    return sd_bus_reply_method_return(message, "");
}

int commit(sd_bus_message* message, void* userdata, sd_bus_error*) {
    if (refuse(message, userdata))
        return 1;
    FakeService& fake = fake_of(userdata);
    int sink = -1;
    must(sd_bus_message_read_basic(message, 'h', &sink));
    const std::string& secret = fake.script().secret;
    // The sink must not be readable from this side, or a stolen duplicate could reveal the secret.
    char byte{};
    if (recv(sink, &byte, 1, MSG_DONTWAIT) != 0)
        return sd_bus_reply_method_errorf(message, "org.patd.Tokens1.Error.BadSink", "readable");
    if (!secret.empty())
        must(static_cast<int>(send(sink, secret.data(), secret.size(), MSG_NOSIGNAL)));
    return reply_dictionary(message, fake.script().result);
}

constexpr sd_bus_vtable kManager[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Create", "sasa{sv}", "o", begin, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Import", "sa{sv}", "o", begin, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ImportMany", "aa{sv}", "o", begin, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("List", "", "a(oa{sv})", list, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Explain", "sa{sv}", "saa{sv}", explain, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ListEvents", "a{sv}", "aa{sv}", list_events, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Status", "", "a{sv}", status, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RemoveAll", "", "o", begin, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Lock", "", "", answer_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Unlock", "a{sv}", "o", begin, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("SetServicePassword", "", "o", begin, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Verify", "a{sv}", "o", begin, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Expose", "ha{sv}", "s", open_exposure, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ListExposures", "", "aa{sv}", list_exposures, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Cut", "s", "", answer_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ListPermissions", "", "aa{sv}", list_permissions, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

constexpr sd_bus_vtable kToken[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Show", "", "a{sv}", show, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Update", "a{sv}", "o", begin, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Regenerate", "a{sv}", "o", begin, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Delete", "", "o", begin, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

constexpr sd_bus_vtable kOperation[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Next", "", "ssh", next, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Commit", "h", "a{sv}", commit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Acknowledge", "", "", answer_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Cancel", "", "", answer_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

constexpr sd_bus_vtable kAdmin[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("List", "u", "a(oa{sv})", list, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ListEvents", "a{sv}", "aa{sv}", list_events, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Backup", "h", "a{sv}", back_up, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("AcceptRollback", "a{sv}", "a{sv}aa{sv}", restore, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Restore", "ha{sv}", "a{sv}aa{sv}", restore, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RotateKey", "", "", answer_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RotateMasterKey", "h", "", take_secret, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Reinstate", "us", "", answer_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("AcceptClock", "", "", answer_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("EndWait", "u", "", answer_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("CheckOwners", "", "u", answer_three, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ExportKey", "h", "", take_secret, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ConfirmExport", "", "", answer_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Status", "", "a{sv}", status, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ListOwners", "", "aa{sv}", list_owners, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Import", "ssa{sv}", "o", begin, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Revoke", "us", "", answer_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

int find_any(sd_bus*, const char*, const char*, void* userdata, void** found, sd_bus_error*) {
    *found = userdata;
    return 1;
}

void add_objects(sd_bus* bus, FakeService* fake) {
    must(sd_bus_add_object_vtable(bus, nullptr, names::kManagerPath, names::kManagerInterface,
                                  kManager, fake));
    must(sd_bus_add_object_vtable(bus, nullptr, names::kManagerPath, names::kAdminInterface, kAdmin,
                                  fake));
    must(sd_bus_add_fallback_vtable(bus, nullptr, names::kTokenPrefix, names::kTokenInterface,
                                    kToken, find_any, fake));
    must(sd_bus_add_fallback_vtable(bus, nullptr, names::kOperationPrefix,
                                    names::kOperationInterface, kOperation, find_any, fake));
}

void serve(sd_bus* bus, int stop) {
    while (true) {
        const int busy = sd_bus_process(bus, nullptr);
        if (busy < 0)
            break;
        if (busy > 0)
            continue;
        std::array<pollfd, 2> entries = {
            pollfd{sd_bus_get_fd(bus), static_cast<short>(sd_bus_get_events(bus)), 0},
            pollfd{stop, POLLIN, 0}};
        poll(entries.data(), entries.size(), -1);
        if (entries[1].revents != 0)
            break;
    }
    sd_bus_flush_close_unref(bus);
}

}  // namespace

FakeService::~FakeService() {
    if (!thread_.joinable())
        return;
    eventfd_write(stop_.get(), 1);
    thread_.join();
}

void FakeService::start(sd_bus* bus) {
    add_objects(bus, this);
    stop_ = UniqueFd(must(eventfd(0, EFD_CLOEXEC)));
    thread_ = std::thread(serve, bus, stop_.get());
}

Connection FakeService::connect() {
    std::array<int, 2> ends{};
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()));
    sd_bus* server = nullptr;
    must(sd_bus_new(&server));
    must(sd_bus_set_fd(server, ends[0], ends[0]));
    must(sd_bus_set_server(server, 1, {}));
    must(sd_bus_start(server));
    start(server);
    sd_bus* client = nullptr;
    must(sd_bus_new(&client));
    must(sd_bus_set_fd(client, ends[1], ends[1]));
    must(sd_bus_start(client));
    return Connection(client, {});
}

void FakeService::serve_on(const std::string& address) {
    sd_bus* bus = nullptr;
    must(sd_bus_new(&bus));
    must(sd_bus_set_address(bus, address.c_str()));
    must(sd_bus_set_bus_client(bus, 1));
    must(sd_bus_start(bus));
    must(sd_bus_request_name(bus, names::kBusName, 0));
    start(bus);
}

void FakeService::record(Call call) {
    const std::lock_guard guard(mutex_);
    calls_.push_back(std::move(call));
}

std::vector<Call> FakeService::calls() const {
    const std::lock_guard guard(mutex_);
    return calls_;
}

Call FakeService::call_of(const std::string& member) const {
    for (const Call& call : calls()) {
        if (call.member == member)
            return call;
    }
    return {};
}

std::vector<std::string> FakeService::members() const {
    std::vector<std::string> members;
    for (const Call& call : calls())
        members.push_back(call.member);
    return members;
}

std::vector<std::string> FakeService::answers() const {
    const std::lock_guard guard(mutex_);
    return answers_;
}

int FakeService::make_answer_sink() {
    std::array<int, 2> ends{};
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()));
    must(shutdown(ends[1], SHUT_RD));
    pending_answer_.reset(ends[0]);
    return ends[1];
}

void FakeService::collect_answer() {
    if (!pending_answer_)
        return;
    std::string answer;
    std::array<char, 4096> chunk{};
    ssize_t count = 0;
    while ((count = read(pending_answer_.get(), chunk.data(), chunk.size())) > 0)
        answer.append(chunk.data(), static_cast<std::size_t>(count));
    pending_answer_.reset();
    const std::lock_guard guard(mutex_);
    answers_.push_back(answer);
}

}  // namespace patd::client
