// A charge point that nobody of this project wrote: npm's ocpp-rpc in strict mode, which checks every message of both directions
// against the published JSON schemas of OCPP 1.6. It obeys; a limit under 5 kW it takes and ignores.
const { RPCClient } = require('ocpp-rpc');
const [endpoint, identity, password] = process.argv.slice(2);
const settings = { HeartbeatInterval: '300' };
let limit = 22000, version = 0;

const answers = {
    SetChargingProfile: r => {
        const wanted = r.csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0].limit;
        if (wanted >= 5000) limit = Math.min(limit, wanted);
        return { status: 'Accepted' };
    },
    GetCompositeSchedule: r => ({ status: 'Accepted', connectorId: r.connectorId, scheduleStart: new Date().toISOString(),
        chargingSchedule: { chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit }] } }),
    ChangeConfiguration: r => { settings[r.key] = r.value; return { status: 'Accepted' }; },
    GetConfiguration: r => ({ configurationKey: (r.key || Object.keys(settings)).map(key => ({ key, readonly: false, value: settings[key] })) }),
    GetLocalListVersion: () => ({ listVersion: version }),
    UnlockConnector: () => ({ status: 'Unlocked' }),
    SendLocalList: r => { version = r.listVersion; return { status: 'Accepted' }; },
};

async function main() {
    const client = new RPCClient({ endpoint, identity, password, protocols: ['ocpp1.6'], strictMode: true, reconnect: false });
    client.on('strictValidationFailure', ({ error }) => { console.error(String(error)); process.exit(1); });
    client.handle(({ method, params }) => (answers[method] || (() => ({ status: 'Accepted' })))(params));
    await client.connect();
    console.log(JSON.stringify({ boot: await client.call('BootNotification', { chargePointVendor: 'ocpp-rpc', chargePointModel: 'peer' }) }));
    const started = await client.call('StartTransaction', { connectorId: 1, idTag: 'GOOD', meterStart: 0, timestamp: new Date().toISOString() });
    console.log(JSON.stringify({ started }));
}

main().catch(e => { console.log(JSON.stringify({ failed: String(e.stack || e) })); process.exit(1); });
