/* Demand response: events of the caller's programmes, their reports, and taking part (hub/demand). */
#ifndef API_DEMAND_H
#define API_DEMAND_H

#include "api/request.h"

hub_status demand_events_get(request *r);
hub_status demand_events_post(request *r);
hub_status demand_event_report_get(request *r);
hub_status demand_event_approve_post(request *r);
hub_status demand_event_cancel_post(request *r);
hub_status demand_choice_post(request *r);

#endif
