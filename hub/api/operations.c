#include "api/operations.h"

#include "api/access.h"
#include "api/advice.h"
#include "api/aggregates.h"
#include "api/alarms.h"
#include "api/bills.h"
#include "api/board.h"
#include "api/chargers.h"
#include "api/charging.h"
#include "api/charging_places.h"
#include "api/commands.h"
#include "api/compare.h"
#include "api/consents.h"
#include "api/deliveries.h"
#include "api/demand.h"
#include "api/description.h"
#include "api/disputes.h"
#include "api/authorize.h"
#include "api/binding.h"
#include "api/exchange.h"
#include "api/feed.h"
#include "api/login.h"
#include "api/me.h"
#include "api/notices.h"
#include "api/oauth.h"
#include "api/payments.h"
#include "api/parties.h"
#include "api/points.h"
#include "api/policies.h"
#include "api/premises.h"
#include "api/quarantine.h"
#include "api/readings.h"
#include "api/receipt.h"
#include "api/sales.h"
#include "api/subscriptions.h"

static hub_status health_get(request *r)
{
	/* The worker has just talked to the database, or there would be no answer. */
	buf_text(&r->body, "{\"status\":\"ok\"}\n");
	return request_finish(r, 200, "");
}

const operation operations[ROUTE_COUNT] = {
	[ROUTE_getDescription] = description_get,
	[ROUTE_getHealth] = health_get,

	[ROUTE_listKeys] = oauth_jwks_get,
	[ROUTE_issueToken] = oauth_token_post,
	[ROUTE_evaluateAccess] = access_evaluation_post,
	[ROUTE_evaluateAccesses] = access_evaluations_post,

	[ROUTE_listAreas] = areas_get,
	[ROUTE_getAggregates] = aggregates_get,
	[ROUTE_getAggregatesWorkbook] = aggregates_book_get,
	[ROUTE_listAggregateQuestions] = aggregates_asked_get,

	[ROUTE_getBoard] = board_get,
	[ROUTE_listCredentials] = credentials_get,
	[ROUTE_listImportedBills] = bills_imported_get,
	[ROUTE_listPaymentShares] = bills_shares_get,

	[ROUTE_listAlarms] = alarms_get,
	[ROUTE_acknowledgeAlarm] = alarm_acknowledge_post,
	[ROUTE_listAlarmRules] = alarm_rules_get,
	[ROUTE_setAlarmRule] = alarm_rules_post,
	[ROUTE_approveAlarmRule] = alarm_rule_approve_post,
	[ROUTE_endAlarmRule] = alarm_rule_delete,

	[ROUTE_listCommands] = commands_get,
	[ROUTE_orderCommand] = commands_post,
	[ROUTE_getCommand] = command_get,
	[ROUTE_approveCommand] = command_approve_post,
	[ROUTE_cancelCommand] = command_cancel_post,

	[ROUTE_listChargers] = chargers_get,
	[ROUTE_listChargingSessions] = charging_sessions_get,
	[ROUTE_getChargingSession] = charging_session_get,
	[ROUTE_listChargingPlaces] = charging_places_get,
	[ROUTE_startCharging] = charging_session_start,
	[ROUTE_stopCharging] = charging_session_stop,

	[ROUTE_listDemandEvents] = demand_events_get,
	[ROUTE_callDemandEvent] = demand_events_post,
	[ROUTE_getDemandEvent] = demand_event_report_get,
	[ROUTE_approveDemandEvent] = demand_event_approve_post,
	[ROUTE_cancelDemandEvent] = demand_event_cancel_post,
	[ROUTE_chooseDemand] = demand_choice_post,

	[ROUTE_listNotices] = notices_get,
	[ROUTE_sendNotice] = notices_post,
	[ROUTE_withdrawNotice] = notice_withdraw_post,
	[ROUTE_listDataRequests] = exchange_requests_get,
	[ROUTE_askForData] = exchange_requests_post,
	[ROUTE_getDataRequest] = exchange_request_get_one,
	[ROUTE_stepDataRequest] = exchange_request_step_post,
	[ROUTE_listViewings] = viewings_get,

	[ROUTE_listConsents] = consents_get,
	[ROUTE_grantConsent] = consents_post,
	[ROUTE_getConsent] = consent_get,
	[ROUTE_withdrawConsent] = consent_withdraw_post,
	[ROUTE_chooseComparison] = comparison_post,

	[ROUTE_listAccounts] = accounts_get,
	[ROUTE_listBills] = bills_get,
	[ROUTE_getBill] = bill_get,
	[ROUTE_explainBill] = bill_why_get,
	[ROUTE_forecastAccount] = forecast_get,
	[ROUTE_getComparison] = comparison_get,
	[ROUTE_getAdvice] = advice_get,
	[ROUTE_importBills] = bills_import_post,
	[ROUTE_disputeBill] = dispute_post,
	[ROUTE_settleDispute] = dispute_settle_post,
	[ROUTE_listDisputes] = disputes_get,
	[ROUTE_listPayments] = payments_get,
	[ROUTE_orderPayment] = payments_post,
	[ROUTE_listProviders] = providers_get,
	[ROUTE_getPayment] = payment_get,
	[ROUTE_refundPayment] = payment_refund_post,
	[ROUTE_notifyPayment] = payment_callback_post,
	[ROUTE_getReconciliation] = reconciliation_get,
	[ROUTE_getSales] = sales_get,
	[ROUTE_getSalesWorkbook] = sales_book_get,
	[ROUTE_startAuthorization] = authorize_get,
	[ROUTE_revokeToken] = oauth_revoke_post,

	[ROUTE_logIn] = login_post,
	[ROUTE_logOut] = logout_delete,
	[ROUTE_listSessions] = sessions_get,
	[ROUTE_logOutEverywhere] = sessions_delete,
	[ROUTE_getMe] = me_get,
	[ROUTE_changePassword] = password_post,
	[ROUTE_listMembers] = members_get,
	[ROUTE_inviteMember] = invitation_post,
	[ROUTE_removeMember] = member_delete,
	[ROUTE_joinHousehold] = join_post,
	[ROUTE_bindMeter] = binding_post,
	[ROUTE_authorizeApp] = authorization_post,
	[ROUTE_listGrants] = grants_get,
	[ROUTE_withdrawGrant] = grant_delete,

	[ROUTE_peekFeed] = feed_get,
	[ROUTE_dequeueFeed] = feed_dequeue_post,
	[ROUTE_listReadings] = readings_get,
	[ROUTE_submitReadings] = readings_post,
	[ROUTE_completeness] = completeness_get,
	[ROUTE_listReceipts] = receipts_get,
	[ROUTE_getReceipt] = receipt_get,
	[ROUTE_listQuarantine] = quarantine_entries_get,
	[ROUTE_getQuarantine] = quarantine_entry_get,
	[ROUTE_replayQuarantine] = quarantine_replay_post,
	[ROUTE_dropQuarantine] = quarantine_drop_post,

	[ROUTE_listParties] = parties_get,
	[ROUTE_getParty] = party_get,
	[ROUTE_listPremises] = premises_get,
	[ROUTE_getPremise] = premise_get,
	[ROUTE_listPoints] = points_get,
	[ROUTE_getPoint] = point_get,

	[ROUTE_listSubscriptions] = subscriptions_get,
	[ROUTE_addSubscription] = subscription_make,
	[ROUTE_getSubscription] = subscription_show,
	[ROUTE_replaceSubscription] = subscription_change,
	[ROUTE_endSubscription] = subscription_stop,
	[ROUTE_getSubscriptionState] = subscription_state_get,
	[ROUTE_pauseSubscription] = subscription_pause_post,
	[ROUTE_resumeSubscription] = subscription_resume_post,
	[ROUTE_replaySubscription] = subscription_replay_post,
	[ROUTE_testSubscription] = subscription_test_post,
	[ROUTE_listDeliveries] = deliveries_get,
	[ROUTE_getDelivery] = delivery_show,
	[ROUTE_listDeadLetters] = dead_letters_get,
	[ROUTE_listReceiptDeliveries] = receipt_deliveries_get,

	[ROUTE_listPolicies] = policies_get,
	[ROUTE_explainDecision] = policies_why_post,
};

const bool operations_once[ROUTE_COUNT] = {
	[ROUTE_dequeueFeed] = true,	  [ROUTE_replayQuarantine] = true, [ROUTE_dropQuarantine] = true,
	[ROUTE_addSubscription] = true, [ROUTE_replaceSubscription] = true, [ROUTE_endSubscription] = true,
	[ROUTE_pauseSubscription] = true, [ROUTE_resumeSubscription] = true, [ROUTE_replaySubscription] = true,
	[ROUTE_testSubscription] = true,
};
