// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/log.h"

// Every message of the service. systemd/patd.catalog explains each one and gives the fix. An id is
// made once (systemd-id128 new) and never given to another message.
namespace patd::messages {

inline constexpr LogMessage kServing{"41e3a3a9074f4c7d9f2e03732d6593ab", LogLevel::Notice,
                                     "serving", "patd is ready"};
inline constexpr LogMessage kCannotServe{"75eec785130a4873815cb06a038bf2d7", LogLevel::Error,
                                         "cannot-serve", "patd cannot serve"};
inline constexpr LogMessage kConfigFault{"495c2517752647e19a26e9889080d397", LogLevel::Error,
                                         "config-fault", "the configuration is wrong"};
inline constexpr LogMessage kConfigUnreadable{"3ba24b1bed294abd8784b6f705d67c31", LogLevel::Error,
                                              "config-unreadable",
                                              "the configuration cannot be read at the moment"};
inline constexpr LogMessage kConfigRefused{
    "83c643afc9144d60b0c6d6fa418fe2e3", LogLevel::Error, "config-refused",
    "the new configuration was refused; the previous one stays in force"};
inline constexpr LogMessage kConfigLoaded{"b23a692599e14216b65885d61f54e17e", LogLevel::Notice,
                                          "config-loaded", "the new configuration is in force"};
inline constexpr LogMessage kMemoryNotLocked{
    "2967cdc3eb50450fb1b2cd236606145b", LogLevel::Warning, "memory-not-locked",
    "memory cannot be locked: secrets in it may be swapped out"};
inline constexpr LogMessage kBug{"720fe6bb75124527b1c5bae771e939e8", LogLevel::Error, "bug",
                                 "internal error"};
inline constexpr LogMessage kRequestFailed{"b3afd687cbea42f39d746826e5851cb8", LogLevel::Warning,
                                           "request-failed", "a request failed"};
inline constexpr LogMessage kDeadSecret{"cf0e9c1a4ff04dc2abb3409037e962d6", LogLevel::Warning,
                                        "dead-secret", "alarm: a dead secret was presented"};
inline constexpr LogMessage kEventLost{"95fb09036d05400abc48c82a1ac7cdcd", LogLevel::Warning,
                                       "event-lost", "an audit event was not recorded"};
inline constexpr LogMessage kEventsWait{"bbd86f26e2664c148afbdc5673544f92", LogLevel::Warning,
                                        "events-wait",
                                        "audit events wait: audit.db cannot take them"};
inline constexpr LogMessage kEventsNotPruned{"a60451c15d2e4780a136d89256028b2e", LogLevel::Warning,
                                             "events-not-pruned",
                                             "old audit events could not be removed"};
inline constexpr LogMessage kDescriptorsUsedUp{
    "91aa4fae27904091a621a86f622da125", LogLevel::Warning, "descriptors-used-up",
    "no descriptors are left: new connections must wait"};
inline constexpr LogMessage kLimited{"c63ca7e3346347669d40275ebf609d84", LogLevel::Notice,
                                     "limited", "a user is being limited"};
inline constexpr LogMessage kRecordDamaged{"4a3c3d3c6ffa46d6ae504f9788722ea3", LogLevel::Error,
                                           "record-damaged",
                                           "a record of the store is damaged and is ignored"};
inline constexpr LogMessage kDamagedRecordRemoved{"9c5faf6751a84eddbede6b5063921d42",
                                                  LogLevel::Error, "damaged-record-removed",
                                                  "a damaged record of the store was removed"};
inline constexpr LogMessage kRemainsInLogFile{
    "d460492c3b8b4dbfa9161e83fc2c9ffa", LogLevel::Warning, "remains-in-log-file",
    "deleted records are still in the log file of the store"};
inline constexpr LogMessage kStepUpGranted{"f6fe3d25e45b4c028aca73be3c9b90c0", LogLevel::Info,
                                           "step-up-granted", "a step-up was granted"};
inline constexpr LogMessage kStepUpRefused{"ed2085300c3e46f2af9222e36036b878", LogLevel::Notice,
                                           "step-up-refused", "a step-up was refused"};
inline constexpr LogMessage kStepUpNotServed{"afa150f3cc6a47148f04603388f24742", LogLevel::Error,
                                             "step-up-not-served", "a step-up could not be served"};
inline constexpr LogMessage kRotationResumed{"7ff0d8d232104bf19c87d8c93507d3d0", LogLevel::Notice,
                                             "rotation-resumed",
                                             "an interrupted rotation of the data key continues"};
inline constexpr LogMessage kRotationStopped{"2f08cc3ff88648168cbece7c4bae0cb8", LogLevel::Error,
                                             "rotation-stopped",
                                             "the rotation of the data key stopped"};
inline constexpr LogMessage kBackupDamaged{"32c8f5acf7774044991972fab59fef54", LogLevel::Warning,
                                           "backup-damaged", "a record of the backup is damaged"};
inline constexpr LogMessage kRecordNotResealed{"660e9d5334164c9aa3212061266f3ae5", LogLevel::Error,
                                               "record-not-resealed",
                                               "a damaged record keeps its old key"};
inline constexpr LogMessage kTokenQuarantined{"eef028131cd3499cb9ca682afe77760d", LogLevel::Warning,
                                              "token-quarantined",
                                              "a token is quarantined: its account is gone"};
inline constexpr LogMessage kTokenExpiring{"fff5706bb9e94225a8ecd1edb757d482", LogLevel::Notice,
                                           "token-expiring", "a token expires soon"};
inline constexpr LogMessage kExpiryNoticesFailed{"77eefd7a96e44ad0a6e08df92746ab5c",
                                                 LogLevel::Warning, "expiry-notices-failed",
                                                 "tokens that expire soon could not be checked"};
inline constexpr LogMessage kSignalNotSent{"eb01a7491b1f4cb2b55571ebbe24028c", LogLevel::Warning,
                                           "signal-not-sent", "a signal could not be sent"};
inline constexpr LogMessage kOwnersNotChecked{"999d26bdeee444dd803757b6a7c09df3", LogLevel::Warning,
                                              "owners-not-checked",
                                              "the owners of tokens could not be checked"};
inline constexpr LogMessage kClockRight{"b408a71840174138a086c12f64737769", LogLevel::Notice,
                                        "clock-right", "the clock is right again"};
inline constexpr LogMessage kClockAhead{
    "bbd424caf22140e295509a74d9563740", LogLevel::Warning, "clock-ahead",
    "the clock jumped forward by more than a day: tokens may expire early"};
inline constexpr LogMessage kClockBehind{
    "716e88b0131841d8a0fbb796bb477c91", LogLevel::Warning, "clock-behind",
    "the clock went back: tokens expire by the time already seen"};
inline constexpr LogMessage kClockUnknown{
    "3cd2a3edfdc84dd79cd13739b984cd29", LogLevel::Error, "clock-unknown",
    "the clock is far behind a time already seen: tokens that expire are refused"};
inline constexpr LogMessage kClockNotKept{"9a3df5c80a1c4fd5ab57d2a3bb6f4c11", LogLevel::Warning,
                                          "clock-not-kept",
                                          "the highest time seen could not be stored"};
inline constexpr LogMessage kBackupNotNoted{"b1f14ec94f8a4f728288df14207f6dfd", LogLevel::Warning,
                                            "backup-not-noted", "a backup could not be recorded"};
inline constexpr LogMessage kKeyringOpened{"5bcc92ca7e1b4cd184421fe07eb14d28", LogLevel::Notice,
                                           "keyring-opened", "the store in the keyring is open"};
inline constexpr LogMessage kKeyringClosed{"189e41b2e60c4600b963876bce0fdb10", LogLevel::Notice,
                                           "keyring-closed",
                                           "the store is closed: its keyring is locked or gone"};
inline constexpr LogMessage kKeyringNotOpened{"a46489b8c8074bab9ccdb78f520ae623", LogLevel::Warning,
                                              "keyring-not-opened",
                                              "the store in the keyring could not be opened"};
inline constexpr LogMessage kSecretMissing{"ac879f361c2943f4a43880be76f33a0e", LogLevel::Error,
                                           "secret-missing",
                                           "the keyring does not hold the secret of a token"};
inline constexpr LogMessage kBundleNotOurs{
    "f617a1f92a074b908ae554111ee03063", LogLevel::Warning, "bundle-not-ours",
    "an item of the keyring does not open with this store's key and is left alone"};
inline constexpr LogMessage kRemainsInKeyring{"891eb1a84e2c4c4cb8583a1d6c1fd4fb", LogLevel::Warning,
                                              "remains-in-keyring",
                                              "a deleted secret is still in the keyring, sealed"};
inline constexpr LogMessage kRolledBack{
    "0c429b2355554fec94d58e17b211de0c", LogLevel::Error, "rolled-back",
    "the store was put back or altered: it is read-only, and nothing is released"};
inline constexpr LogMessage kRollbackAccepted{"ecfc95ee71454d73add8b6c7f3fbc4af", LogLevel::Notice,
                                              "rollback-accepted",
                                              "root accepted the store: it is served again"};
inline constexpr LogMessage kWitnessLost{"f4aa04cdad0949b58a197cc189cef158", LogLevel::Warning,
                                         "witness-lost",
                                         "the witness of the store is lost, and is made anew"};
inline constexpr LogMessage kWitnessNotKept{"9c76e1f74a894b65bdcd0a596ae9787d", LogLevel::Warning,
                                            "witness-not-kept",
                                            "patd-auth did not take the witness of the store"};
inline constexpr LogMessage kWitnessUnread{"ad76d0a770de45fcb7c5c3a2d86244bb", LogLevel::Warning,
                                           "witness-unread",
                                           "patd-auth did not give the witness of the store"};
inline constexpr LogMessage kNotCounted{"c7c5cbd88da549ae98a86bac5dded502", LogLevel::Warning,
                                        "not-counted", "the TPM did not count"};
inline constexpr LogMessage kCounterUnread{
    "0dbaa75fa2a346a5acb7b78d647e492f", LogLevel::Warning, "counter-unread",
    "the TPM's counter is not to be had, so a machine that is put back would not be noticed"};
inline constexpr LogMessage kCounterLost{
    "fc157383f4ef4f5991cdd7da23c67419", LogLevel::Warning, "counter-lost",
    "the TPM does not know the counter of the witness, and another one is begun"};
inline constexpr LogMessage kCounterBehind{"f449b0046bf043109de5006a11dfdf45", LogLevel::Warning,
                                           "counter-behind",
                                           "the TPM did not count the witness of the store"};
inline constexpr LogMessage kAccountUnknown{
    "3d2b67fd0c934fdd8f5c70b5e1994ca6", LogLevel::Warning, "account-unknown",
    "an account of the configuration does not exist, and is left out"};

}  // namespace patd::messages
