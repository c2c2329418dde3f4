// A charge point that nobody of this project wrote: npm's @voltbras/ts-ocpp, which checks what it is told against the schemas
// of OCPP 1.6. It obeys; a limit under 5 kW it takes and ignores. A JSON line after boot, one after the first transaction.
const { ChargePoint } = require('@voltbras/ts-ocpp');
const [endpoint, identity, password] = process.argv.slice(2);
const settings = { HeartbeatInterval: '300' };
let limit = 22000, version = 0, transactionId = 0;

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
    const obey = request => {
        const { action, ocppVersion } = request;
        return { action, ocppVersion, ...(answers[action] || (() => ({ status: 'Accepted' })))(request) };
    };
    const point = new ChargePoint(identity, obey, endpoint.replace('//', `//${identity}:${password}@`));
    await point.connect();
    const ask = async (action, payload) => (await point.sendRequest({ action, ocppVersion: 'v1.6-json', payload })).unsafeCoerce();
    console.log(JSON.stringify({ boot: await ask('BootNotification', { chargePointVendor: 'ts-ocpp', chargePointModel: 'peer' }) }));
    const started = await ask('StartTransaction', { connectorId: 1, idTag: 'GOOD', meterStart: 0, timestamp: new Date().toISOString() });
    transactionId = started.transactionId;
    console.log(JSON.stringify({ started }));
}

main().catch(e => { console.log(JSON.stringify({ failed: String(e.stack || e) })); process.exit(1); });
