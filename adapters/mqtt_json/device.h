/* A simulated home gateway: it writes the messages that a real one publishes, with its own encoder. */
#ifndef MQTT_JSON_DEVICE_H
#define MQTT_JSON_DEVICE_H

#include <stddef.h>
#include <stdint.h>

/* Each writes one message into out[size] and gives its length, as snprintf does. Times are Unix seconds. */
int gateway_power(char *out, size_t size, const char *meter, int64_t watts, int64_t time);
/* 15-minute energy of an appliance circuit, Wh each, as a block. */
int gateway_day(char *out, size_t size, const char *meter, const char *circuit, int64_t start, const int *wh, size_t count);
int gateway_switch(char *out, size_t size, const char *meter, const char *circuit, int closed, int64_t time);
int gateway_alarm(char *out, size_t size, const char *meter, const char *code, int cleared, int64_t time);

#endif
