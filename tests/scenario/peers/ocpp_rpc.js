// A charge point that nobody of this project wrote: npm's ocpp-rpc in strict mode, which checks every
// message of both directions against the published JSON schemas of OCPP 1.6. One JSON line for what it saw.
const { RPCClient } = require('ocpp-rpc');
const [endpoint, identity, password] = process.argv.slice(2);
const seen = { strict: [] };

async function main() {
    const client = new RPCClient({ endpoint, identity, password, protocols: ['ocpp1.6'], strictMode: true, reconnect: false });
    client.on('strictValidationFailure', ({ error }) => seen.strict.push(String(error)));
    await client.connect();
    seen.protocol = client.protocol;
    seen.boot = await client.call('BootNotification', { chargePointVendor: 'ocpp-rpc', chargePointModel: 'peer', firmwareVersion: '1' });
    seen.heartbeat = await client.call('Heartbeat', {});
    for (const [status, errorCode] of [['Available', 'NoError'], ['Faulted', 'OverVoltage'], ['Available', 'NoError']])
        await client.call('StatusNotification', { connectorId: 1, status, errorCode, timestamp: new Date().toISOString() });
    seen.authorize = await client.call('Authorize', { idTag: 'GOOD' });
    seen.start = await client.call('StartTransaction', { connectorId: 1, idTag: 'GOOD', meterStart: 100, timestamp: '2026-05-01T08:00:00.000Z' });
    const transactionId = seen.start.transactionId;
    seen.values = await client.call('MeterValues', { connectorId: 1, transactionId, meterValue: [{ timestamp: '2026-05-01T08:15:00Z', sampledValue: [
        { value: '1600', context: 'Sample.Periodic', measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
        { value: '6.0', measurand: 'Power.Active.Import', unit: 'kW', phase: 'L1' }] }] });
    seen.stop = await client.call('StopTransaction', { transactionId, meterStop: 3100, timestamp: '2026-05-01T08:30:00Z', idTag: 'GOOD', reason: 'Local',
        transactionData: [{ timestamp: '2026-05-01T08:30:00Z', sampledValue: [{ value: '3100', context: 'Transaction.End' }] }] });
    seen.security = await client.call('DataTransfer', { vendorId: 'peer' });
    seen.errors = {};
    const loose = new RPCClient({ endpoint, identity, password, protocols: ['ocpp1.6'], strictMode: false, reconnect: false });
    const closed = new Promise(done => client.once('disconnect', ({ code }) => done(code)));
    await loose.connect();
    seen.taken_over = await closed;
    for (const [name, action, payload] of [['unknown', 'Nonsense', {}], ['central', 'Reset', { type: 'Hard' }], ['missing', 'Authorize', {}],
        ['type', 'Authorize', { idTag: 5 }], ['word', 'StatusNotification', { connectorId: 1, status: 'Idle', errorCode: 'NoError' }]])
        await loose.call(action, payload).then(() => seen.errors[name] = 'accepted', e => seen.errors[name] = e.rpcErrorCode);
    await loose.close();
}

main().catch(e => { seen.failed = String(e.stack || e); }).finally(() => { console.log(JSON.stringify(seen)); process.exit(0); });
