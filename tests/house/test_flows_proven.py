"""Which test proves which flow, row by row: what a party gives and what it gets, and in which topologies rows of readings are sent.

Readings of each row are sent over the party's door in all three topologies by test_flow_rows.py; the rest does not depend on the topology but
by the policies, of which each row has examples of both kinds in each topology (test_flows.py).
"""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROWS = [f"X{n}" for n in range(1, 17)]

FLOWS = "test_flow_rows.py::test_each_row_arrives_where_it_may_and_nowhere_else"  # T, 1 and 2
POLICY = "policies"  # no sender of its own yet: the row's examples alone

# row: what it gives, what it gets, each with who proves it
PROVEN = {
    "X1": {"readings": FLOWS, "events": "test_alarm.py::test_a_meter_that_falls_silent_is_found_beside_others_that_speak",
           "gets commands and on-demand reads": "test_command.py::test_a_command_lives_from_wish_to_confirmation",
           "gets set-points": "test_command.py::test_set_points_and_batches_over_modbus"},
    "X2": {"state": FLOWS, "sessions and energy": "test_charger.py::test_a_session_becomes_a_record",
           "payment": "test_charging_bill.py::test_a_session_is_charged_once_by_the_periods_in_which_it_flowed",
           "faults": "test_alarm.py::test_silence_dead_deliveries_and_chargers",
           "gets control, reads and settings": "test_charger_commands.py::test_every_kind_goes_out_and_is_confirmed_by_the_station"},
    "X3": {"three-meter data and states": FLOWS, "bills": "test_bills.py::test_a_cycle_from_files_to_posted_bills",
           "demand response": "test_demand_doors.py::test_one_event_goes_out_through_every_door",
           "gets payment information": "test_payments.py::test_a_payment_from_order_to_settlement",
           "gets data requests": "test_exchange.py::test_a_request_from_asked_to_fulfilled_with_its_trail",
           "gets view commands": "test_exchange.py::test_a_view_command_says_what_for_and_goes_to_companies_alone"},
    "X4": {"bills": "test_bills.py::test_a_cycle_from_files_to_posted_bills",
           "notices": "test_exchange.py::test_a_notice_reaches_those_it_is_for_while_it_holds",
           "data requests": "test_exchange.py::test_a_request_from_asked_to_fulfilled_with_its_trail", "gets readings": FLOWS,
           "gets payment information": "test_payments.py::test_a_payment_from_order_to_settlement",
           "gets view commands": "test_exchange.py::test_a_view_command_says_what_for_and_goes_to_companies_alone"},
    "X5": {"readings": FLOWS, "bills that it made": "test_contest.py::test_a_signed_bill_from_the_company_to_the_answer",
           "notices": "test_exchange.py::test_a_notice_reaches_those_it_is_for_while_it_holds", "gets readings": FLOWS},
    "X6": {"view commands": "test_exchange.py::test_a_view_command_says_what_for_and_goes_to_companies_alone",
           "gets its own sites' readings": FLOWS,
           "gets aggregates": "test_aggregate.py::test_sums_are_those_of_the_readings_and_small_areas_have_none",
           "gets carbon": "test_aggregate.py::test_the_year_before_and_the_carbon_stand_beside",
           "gets no home's reading": "test_aggregate.py::test_the_government_gets_sums_and_never_a_reading"},
    "X7": {"gets per officer": FLOWS, "gets sums by area and kind": "test_aggregate.py::test_an_officer_has_the_own_area_and_the_own_kinds"},
    "X8": {"readings of the home": FLOWS, "answers commands": "test_demand_doors.py::test_one_event_goes_out_through_every_door",
           "gets security notices": "test_exchange.py::test_an_estate_warns_the_homes_that_it_manages_and_no_others",
           "gets three-meter data": FLOWS, "gets nothing late": "test_demand_doors.py::test_a_gateway_that_is_away_ends_as_expired_and_hears_nothing_late"},
    "X9": {"payment": "test_payments.py::test_a_payment_from_order_to_settlement",
           "view requests": "test_people.py::test_a_person_logs_in_reads_the_own_points_and_no_others", "gets readings": FLOWS,
           "gets bills": "test_bills.py::test_a_cycle_from_files_to_posted_bills",
           "gets the comparison": "test_compare.py::test_a_resident_sees_its_own_alone_in_round_figures",
           "gets advice": "test_compare.py::test_advice_comes_with_the_figures_of_the_home",
           "gets charging and fees": "test_charging_bill.py::test_who_sees_what",
           "gets alarms": "test_alarm.py::test_a_value_raises_and_clears_an_alarm_that_those_concerned_hear"},
    "X10": {"residents' data": FLOWS, "gets what was consented to": "test_consent.py::test_a_third_party_sees_what_was_consented_to_and_no_more",
            "gets security notices": "test_exchange.py::test_an_estate_warns_the_homes_that_it_manages_and_no_others",
            "gets schemes": "test_demand_doors.py::test_one_event_goes_out_through_every_door"},
    "X11": {"estate energy": FLOWS, "gets its share of losses": "test_bills.py::test_losses_and_common_energy_are_shared_over_an_estate",
            "security notices": "test_exchange.py::test_an_estate_warns_the_homes_that_it_manages_and_no_others",
            "gets notices": "test_exchange.py::test_a_notice_reaches_those_it_is_for_while_it_holds"},
    "X12": {"building energy": "test_modbus.py::test_the_adapter_polls_servers_of_libmodbus_and_pymodbus",
            "gets demand response": "test_demand.py::test_the_second_dispatch_makes_up_for_those_who_do_not_deliver"},
    "X13": {"view requests": POLICY, "gets states of common facilities": POLICY},
    "X14": {"call-back and settlement": "test_payments.py::test_a_payment_from_order_to_settlement",
            "gets orders and refunds": "test_payments.py::test_a_payment_from_order_to_settlement"},
    "X15": {"delivery state": POLICY, "gets notices and alarms": POLICY},
    "X16": {"acknowledgement": POLICY, "gets security alarms": POLICY},
}


def test_every_row_is_in_the_table():
    assert list(PROVEN) == ROWS and all(PROVEN.values())


def test_every_test_named_is_there():
    missing = []
    for row, flows in PROVEN.items():
        for what, where in flows.items():
            if where == POLICY:
                continue
            name, test = where.split("::")
            path = ROOT / "tests/scenario" / name
            if not path.exists() or not re.search(rf"^def {test}\(", path.read_text(), re.M):
                missing.append((row, what, where))
    assert not missing


def test_the_readings_sent_name_the_rows_they_are_for():
    """test_flow_rows.py sends something for each row whose flows it is said to prove, or has it refused."""
    text = (ROOT / "tests/scenario/test_flow_rows.py").read_text()
    sent = {row for rows in re.findall(r'^    \("([X0-9 ]+)", (?:ALL|\()', text, re.M) for row in rows.split()}
    assert {row for row, flows in PROVEN.items() if FLOWS in flows.values()} <= sent
