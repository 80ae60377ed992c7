/*
 * What the section [test] allows a test of a connector, as probe/ takes it.
 */
#ifndef CONFIG_PROBE_H
#define CONFIG_PROBE_H

#include "config/settings.h"
#include "probe/probe.h"

/* The texts of the result are the configuration's. ERROR_INTERNAL: reterr->log
 * names the setting that is no list of networks. */
enum error config_probe(
    const struct config *, struct probe_settings *ret, struct problem *reterr);

#endif
