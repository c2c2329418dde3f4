#include "wire/order.h"

#include "wire/pack.h"

void wire_order_pack(buf *out, const wire_order *order)
{
	wire_head_pack(out, &order->head);
	buf_str(out, order->what);
	buf_str(out, order->subject);
	buf_blob(out, order->body, order->body_len);
}

hub_status wire_order_unpack(const uint8_t *msg, size_t len, arena *a, wire_order *ret, hub_fault *fault)
{
	hub_reader in = hub_reader_of(msg, len);
	unpacker u = { &in, a, false };
	wire_order order = { 0 };
	hub_status st = wire_head_unpack(&in, a, &order.head, fault);
	if (st != HUB_OK)
		return st;
	if (order.head.kind != WIRE_ORDER)
		return hub_fault_set(fault, "wire.kind", "kind", "an order expected, kind %d seen; "
				     "the order wire takes nothing else", order.head.kind);
	order.what = unpack_str(&u);
	order.subject = unpack_str(&u);
	order.body = unpack_blob(&u, PACK_BODY_MAX, &order.body_len);
	st = unpack_done(&u, "order", fault);
	if (st == HUB_OK)
		*ret = order;
	return st;
}

void wire_report_pack(buf *out, const wire_report *report)
{
	buf_u8(out, (uint8_t)report->status);
	buf_str(out, report->code);
	buf_str(out, report->message);
	buf_blob(out, report->body, report->body_len);
}

hub_status wire_report_unpack(const uint8_t *msg, size_t len, arena *a, wire_report *ret, hub_fault *fault)
{
	hub_reader in = hub_reader_of(msg, len);
	unpacker u = { &in, a, false };
	wire_report report = { .status = (hub_status)hub_reader_u8(&in) };
	report.code = unpack_str(&u);
	report.message = unpack_str(&u);
	report.body = unpack_blob(&u, PACK_BODY_MAX, &report.body_len);
	if (report.status > HUB_FAILED)
		in.bad = true;
	hub_status st = unpack_done(&u, "report", fault);
	if (st == HUB_OK)
		*ret = report;
	return st;
}

void command_pack(buf *out, const hub_command *command)
{
	buf_str(out, command->id);
	buf_str(out, command->kind);
	buf_str(out, command->meter);
	buf_str(out, command->channel);
	buf_zigzag(out, command->expires);
	pack_pairs(out, command->arguments, command->argument_count);
	buf_u8(out, command->repeated);
}

hub_status command_unpack(const uint8_t *bytes, size_t len, arena *a, hub_command *ret, hub_fault *fault)
{
	hub_reader in = hub_reader_of(bytes, len);
	unpacker u = { &in, a, false };
	hub_command command = { 0 };
	command.id = unpack_str(&u);
	command.kind = unpack_str(&u);
	command.meter = unpack_str(&u);
	command.channel = unpack_str(&u);
	command.expires = hub_reader_zigzag(&in);
	command.arguments = unpack_pairs(&u, &command.argument_count);
	command.repeated = hub_reader_u8(&in) != 0;
	hub_status st = unpack_done(&u, "command", fault);
	if (st == HUB_OK)
		*ret = command;
	return st;
}
