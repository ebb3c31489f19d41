// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/admin_bus.h"

#include "common/base/names.h"
#include "common/bus/dict.h"
#include "common/token/visible_text.h"
#include "daemon/dbus/events_bus.h"
#include "daemon/dbus/token_dict.h"
#include "daemon/tokens/admin_import.h"

namespace patd {
namespace {

using bus::kPlain;
using bus::kSensitive;

constinit const sd_bus_vtable kAdminVtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("List", SD_BUS_ARGS("u", uid), SD_BUS_RESULT("a(oa{sv})", tokens),
                            (bus::query<Access::Root, &AdminBus::list>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("ListOwners", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", owners),
                            (bus::query<Access::Root, &AdminBus::list_owners>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("CheckOwners", SD_BUS_NO_ARGS, SD_BUS_RESULT("u", quarantined),
                            (bus::method<Access::Root, &AdminBus::check_owners>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("Reinstate", SD_BUS_ARGS("u", uid, "s", id), SD_BUS_NO_RESULT,
                            (bus::method<Access::Root, &AdminBus::reinstate>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("Import", SD_BUS_ARGS("s", user, "s", description, "a{sv}", options),
                            SD_BUS_RESULT("o", operation),
                            (bus::method<Access::Root, &AdminBus::import>), kSensitive),
    SD_BUS_METHOD_WITH_ARGS("ExportKey", SD_BUS_ARGS("h", sink), SD_BUS_NO_RESULT,
                            (bus::method<Access::Root, &AdminBus::export_key>), kSensitive),
    SD_BUS_METHOD_WITH_ARGS("ConfirmExport", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                            (bus::method<Access::Root, &AdminBus::confirm_export>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("Backup", SD_BUS_ARGS("h", file), SD_BUS_RESULT("a{sv}", manifest),
                            (bus::method<Access::Root, &AdminBus::backup>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("Restore", SD_BUS_ARGS("h", file, "a{sv}", options),
                            SD_BUS_RESULT("a{sv}", result, "aa{sv}", dead),
                            (bus::method<Access::Root, &AdminBus::restore>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("RotateKey", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                            (bus::method<Access::Root, &AdminBus::rotate_key>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("RotateMasterKey", SD_BUS_ARGS("h", sink), SD_BUS_NO_RESULT,
                            (bus::method<Access::Root, &AdminBus::rotate_master_key>), kSensitive),
    SD_BUS_METHOD_WITH_ARGS("AcceptClock", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                            (bus::method<Access::Root, &AdminBus::accept_clock>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("AcceptRollback", SD_BUS_ARGS("a{sv}", options),
                            SD_BUS_RESULT("a{sv}", result, "aa{sv}", living),
                            (bus::method<Access::Root, &AdminBus::accept_rollback>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("EndWait", SD_BUS_ARGS("u", uid), SD_BUS_NO_RESULT,
                            (bus::method<Access::Root, &AdminBus::end_wait>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("Status", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", status),
                            (bus::query<Access::Root, &AdminBus::status>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("Revoke", SD_BUS_ARGS("u", uid, "s", id), SD_BUS_NO_RESULT,
                            (bus::method<Access::Root, &AdminBus::revoke>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("ListEvents", SD_BUS_ARGS("a{sv}", options),
                            SD_BUS_RESULT("aa{sv}", events),
                            (bus::query<Access::Root, &AdminBus::list_events>), kPlain),
    SD_BUS_VTABLE_END};

Result<Uid> read_uid(sd_bus_message* message) {
    std::uint32_t uid{};
    if (sd_bus_message_read_basic(message, 'u', &uid) <= 0)
        return Errc::MalformedRequest;
    return Uid(uid);
}

struct OwnedToken {
    Uid owner;
    TokenId id;
};

// NotFound also for text that is not a uid or an id.
Result<OwnedToken> read_owned_token(sd_bus_message* message) {
    const Result<Uid> owner = read_uid(message);
    const Result<std::string> text = bus::read_string(message);
    const std::optional<TokenId> id = text ? TokenId::parse(*text) : std::nullopt;
    if (!owner || !id)
        return Errc::NotFound;
    return OwnedToken{*owner, *id};
}

Result<NewToken> read_import(sd_bus_message* message, UnixTime now) {
    NewToken request;
    request.owner_name = TRY(parse_username(TRY(bus::read_string(message))));
    request.description = TRY(parse_description(TRY(bus::read_string(message))));
    request.options =
        TRY(parse_token_change(TRY(bus::Dict::read(message)), ChangeKeys::Import, now));
    return request;
}

bus::Dict describe(const store::ListedToken& listed, const DescribedAt& at) {
    bus::Dict dict = patd::describe(listed.token, listed.last_use, at);
    dict.set("owner", listed.token.owner.value());
    dict.set("user", make_visible(listed.token.owner_name));
    return dict;
}

bus::Dict describe(const store::OwnerSummary& owner) {
    bus::Dict dict;
    dict.set("uid", owner.owner.value());
    dict.set("user", make_visible(owner.name));
    dict.set("tokens", owner.tokens);
    dict.set("quarantined", owner.quarantined);
    return dict;
}

// A move-only value in a callback that must be copyable.
template <typename Moved>
std::shared_ptr<Moved> share(Moved moved) {
    return std::make_shared<Moved>(std::move(moved));
}

bus::Dict describe(const store::Manifest& manifest) {
    bus::Dict dict;
    dict.set("made", manifest.made);
    dict.set("schema", static_cast<std::uint32_t>(manifest.schema));
    dict.set("tokens", static_cast<std::uint32_t>(manifest.tokens));
    dict.set("events", static_cast<std::uint32_t>(manifest.events));
    return dict;
}

bus::Dict describe(const AdminService::Status& status, const RollbackAdmin* rollback) {
    const KeyRotation::State& rotation = status.rotation;
    bus::Dict dict;
    dict.set("backed-up", status.backed_up);
    dict.set("key-exported", status.key_exported);
    dict.set("rotating", rotation.running);
    dict.set("rotation-done", static_cast<std::uint32_t>(rotation.progress.done));
    dict.set("rotation-total", static_cast<std::uint32_t>(rotation.progress.total));
    dict.set("rotation-error", std::string(rotation.failure ? errc_name(*rotation.failure) : ""));
    if (rollback != nullptr) {
        dict.set("rollback", std::string(rollback_name(rollback->keeper().rollback())));
        dict.set("witness", std::string(witness_name(rollback->keeper().state())));
        dict.set("counter", std::string(counter_name(rollback->keeper().counter())));
        dict.set("witness-lost", status.witness_lost);
    }
    return dict;
}

bus::Dict describe(const store::RestoreReport& report) {
    bus::Dict dict;
    dict.set("done", report.done);
    dict.set("restored", static_cast<std::uint32_t>(report.restored));
    dict.set("revived", static_cast<std::uint32_t>(report.revived.size()));
    dict.set("present", static_cast<std::uint32_t>(report.present));
    dict.set("damaged", static_cast<std::uint32_t>(report.damaged));
    return dict;
}

bus::Dict describe(const store::DeadToken& dead) {
    bus::Dict dict;
    dict.set("id", dead.token.id.text());
    dict.set("uid", dead.token.owner.value());
    dict.set("user", make_visible(dead.token.owner_name));
    dict.set("description", dead.token.description);
    dict.set("cause", std::string(dead.cause == store::DeadToken::Cause::Deleted ? "deleted"
                                                                                 : "regenerated"));
    dict.set("died", dead.died);
    return dict;
}

bus::Dict describe(const RollbackAdmin::Report& report) {
    bus::Dict dict;
    dict.set("done", report.done);
    dict.set("rollback", std::string(rollback_name(report.why)));
    dict.set("complete", report.knows_all);
    dict.set("known-until", report.known_until);
    return dict;
}

bus::Dict describe(const WitnessKeeper::Living& living) {
    const store::Death& death = living.death;
    bus::Dict dict;
    dict.set("id", death.token ? death.token->text() : std::string());
    dict.set("uid", death.owner.value());
    dict.set("user", make_visible(living.owner_name));
    dict.set("description", living.description);
    dict.set("cause", std::string(store::death_name(death.cause)));
    dict.set("died", death.at);
    return dict;
}

Result<RollbackAdmin::Choice> read_word(sd_bus_message* message) {
    bus::Dict options = TRY(bus::Dict::read(message));
    RollbackAdmin::Choice choice;
    choice.dry_run = TRY(options.take<bool>("dry-run")).value_or(false);
    choice.keep_dead = TRY(options.take<bool>("keep-dead")).value_or(false);
    choice.revive = TRY(options.take<bool>("revive")).value_or(false);
    TRY(options.expect_empty());
    return choice;
}

Result<store::RestoreChoice> read_choice(sd_bus_message* message, UnixTime now) {
    bus::Dict options = TRY(bus::Dict::read(message));
    store::RestoreChoice choice{.now = now};
    choice.keep_dead = TRY(options.take<bool>("keep-dead")).value_or(false);
    choice.dry_run = TRY(options.take<bool>("dry-run")).value_or(false);
    using Texts = std::vector<std::string>;
    for (const std::string& text : TRY(options.take<Texts>("accept-rollback")).value_or(Texts())) {
        const std::optional<TokenId> id = TokenId::parse(text);
        if (!id)
            return Errc::NotFound;
        choice.revive.insert(*id);
    }
    TRY(options.expect_empty());
    return choice;
}

Done answer_nothing(const std::shared_ptr<bus::Call>& call) {
    return [call](const Result<void>& done) {
        if (!done)
            return call->fail(done.error());
        call->reply();
    };
}

std::function<void(const Result<store::RestoreReport>&)> answer_report(
    const std::shared_ptr<bus::Call>& call) {
    return [call](const Result<store::RestoreReport>& report) {
        if (!report)
            return call->fail(report.error());
        call->reply([&](sd_bus_message* reply) -> Result<void> {
            TRY(describe(*report).append_to(reply));
            return bus::append_dicts(reply, report->dead,
                                     [](const store::DeadToken& dead) { return describe(dead); });
        });
    };
}

std::function<void(const Result<RollbackAdmin::Report>&)> answer_living(
    const std::shared_ptr<bus::Call>& call) {
    return [call](const Result<RollbackAdmin::Report>& report) {
        if (!report)
            return call->fail(report.error());
        call->reply([&](sd_bus_message* reply) -> Result<void> {
            TRY(describe(*report).append_to(reply));
            return bus::append_dicts(
                reply, report->living,
                [](const WitnessKeeper::Living& living) { return describe(living); });
        });
    };
}

std::function<void(const Result<AdminService::Status>&)> answer_status(
    const std::shared_ptr<bus::Call>& call, const RollbackAdmin* rollback) {
    return [call, rollback](const Result<AdminService::Status>& status) {
        if (!status)
            return call->fail(status.error());
        call->reply(
            [&](sd_bus_message* reply) { return describe(*status, rollback).append_to(reply); });
    };
}

}  // namespace

const sd_bus_vtable* AdminBus::vtable() {
    return kAdminVtable;
}

void AdminBus::list(bus::Call call) {
    const Result<Uid> owner = read_uid(call.message());
    if (!owner)
        return call.fail(owner.error());
    Context& context = services_.context;
    const DescribedAt at{context.clock.now(), soon(context)};
    TokenList tokens(context.store, context.store.survey_owner(*owner, store::Quarantined::Shown));
    answer_tokens(context.turns, share(std::move(call)), std::move(tokens),
                  [at](const store::ListedToken& listed) { return describe(listed, at); });
}

void AdminBus::revoke(bus::Call call) {
    const Result<OwnedToken> token = read_owned_token(call.message());
    if (!token)
        return call.fail(token.error());
    find_unit(services_.context.units, std::move(call),
              [this, token = *token](const Caller& root, const CallPtr& held) {
                  services_.tokens.revoke(root, token.owner, token.id, answer_nothing(held));
              });
}

void AdminBus::list_owners(bus::Call call) {
    using Owners = std::vector<store::OwnerSummary>;
    admin_.list_owners([held = share(std::move(call)),
                        &turns = services_.context.turns](const Result<Owners>& owners) {
        if (!owners)
            return held->fail(owners.error());
        answer_dicts(turns, held, std::make_shared<const Owners>(*owners),
                     [](const store::OwnerSummary& owner) { return describe(owner); });
    });
}

void AdminBus::check_owners(bus::Call call) {
    owners_.check_now([held = share(std::move(call))](const Result<std::uint32_t>& quarantined) {
        if (!quarantined)
            return held->fail(quarantined.error());
        held->reply([&](sd_bus_message* reply) {
            return bus::check(sd_bus_message_append(reply, "u", *quarantined), "append count");
        });
    });
}

void AdminBus::list_events(bus::Call call) {
    answer_events(std::move(call), services_.context, EventScope::All);
}

void AdminBus::reinstate(bus::Call call) {
    const Result<OwnedToken> token = read_owned_token(call.message());
    if (!token)
        return call.fail(token.error());
    find_unit(services_.context.units, std::move(call),
              [this, token = *token](const Caller& root, const CallPtr& held) {
                  admin_.reinstate(root, token.owner, token.id, answer_nothing(held));
              });
}

void AdminBus::import(bus::Call call) {
    const Result<NewToken> request = read_import(call.message(), services_.context.clock.now());
    if (!request)
        return call.fail(request.error());
    find_unit(
        services_.context.units, std::move(call),
        [this, request = *request](const Caller& root, const std::shared_ptr<bus::Call>& held) {
            plan_admin_import(services_.context, root, request, [this, held](Result<Plan> plan) {
                // No account: nobody is asked for a password.
                operations_.begin(std::move(*held), "", std::move(plan));
            });
        });
}

void AdminBus::export_key(bus::Call call) {
    Result<UniqueFd> sink = bus::read_descriptor(call.message());
    if (!sink)
        return call.fail(sink.error());
    find_unit(services_.context.units, std::move(call),
              [this, held_sink = share(std::move(*sink))](const Caller& root, const CallPtr& held) {
                  admin_.export_key(root, std::move(*held_sink), answer_nothing(held));
              });
}

void AdminBus::confirm_export(bus::Call call) {
    admin_.confirm_export(answer_nothing(share(std::move(call))));
}

void AdminBus::backup(bus::Call call) {
    Result<UniqueFd> file = bus::read_descriptor(call.message());
    if (!file)
        return call.fail(file.error());
    find_unit(services_.context.units, std::move(call),
              [this, held_file = share(std::move(*file))](const Caller& root, const CallPtr& held) {
                  admin_.backup(root, std::move(*held_file),
                                [held](const Result<store::Manifest>& manifest) {
                                    if (!manifest)
                                        return held->fail(manifest.error());
                                    held->reply([&](sd_bus_message* reply) {
                                        return describe(*manifest).append_to(reply);
                                    });
                                });
              });
}

void AdminBus::restore(bus::Call call) {
    Result<UniqueFd> file = bus::read_descriptor(call.message());
    Result<store::RestoreChoice> choice =
        file ? read_choice(call.message(), services_.context.clock.now()) : file.error();
    if (!choice)
        return call.fail(choice.error());
    if (rollback_ != nullptr && rollback_->keeper().state() == WitnessState::Unread)
        return call.fail(Error{Errc::Unavailable, "patd-auth does not say what must stay dead"});
    if (rollback_ != nullptr)
        choice->witnessed = rollback_->keeper().deaths();
    find_unit(services_.context.units, std::move(call),
              [this, held_file = share(std::move(*file)), choice = *choice](const Caller& root,
                                                                            const CallPtr& held) {
                  admin_.restore(root, std::move(*held_file), choice, answer_report(held));
              });
}

void AdminBus::rotate_key(bus::Call call) {
    find_unit(services_.context.units, std::move(call),
              [this](const Caller& root, const CallPtr& held) {
                  admin_.rotate_key(root, answer_nothing(held));
              });
}

void AdminBus::rotate_master_key(bus::Call call) {
    Result<UniqueFd> sink = bus::read_descriptor(call.message());
    if (!sink)
        return call.fail(sink.error());
    find_unit(services_.context.units, std::move(call),
              [this, held_sink = share(std::move(*sink))](const Caller& root, const CallPtr& held) {
                  admin_.rotate_master_key(root, std::move(*held_sink), answer_nothing(held));
              });
}

void AdminBus::accept_clock(bus::Call call) {
    find_unit(services_.context.units, std::move(call),
              [this](const Caller& root, const CallPtr& held) {
                  clock_.accept(root, answer_nothing(held));
              });
}

void AdminBus::accept_rollback(bus::Call call) {
    const Result<RollbackAdmin::Choice> choice = read_word(call.message());
    if (!choice)
        return call.fail(choice.error());
    if (rollback_ == nullptr)
        return call.fail(Errc::AccessDenied);
    find_unit(services_.context.units, std::move(call),
              [this, choice = *choice](const Caller& root, const CallPtr& held) {
                  rollback_->accept(root, choice, answer_living(held));
              });
}

void AdminBus::end_wait(bus::Call call) {
    const Result<Uid> uid = read_uid(call.message());
    if (!uid)
        return call.fail(uid.error());
    operations_.end_wait(*uid);
    call.reply();
}

void AdminBus::status(bus::Call call) {
    admin_.status(answer_status(share(std::move(call)), rollback_));
}

}  // namespace patd
